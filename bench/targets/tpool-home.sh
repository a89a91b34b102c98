# tpool_home PROTOCOL: a scratch store with one keyless provider, the mock, in $RUN.
tpool_home() {
  : "${TPOOL:?set TPOOL to the tpool binary}"
  export TPOOL_HOME=$RUN/home
  rm -rf "$TPOOL_HOME"; mkdir -p "$TPOOL_HOME/config"; chmod 700 "$TPOOL_HOME" "$TPOOL_HOME/config"
  cat > "$TPOOL_HOME/config/tpool.toml" <<C
version = 1

[[provider]]
id = "mock"
protocol = "$1"
auth = "none"
base_url = "http://127.0.0.1:$UP_PORT/v1"
models = ["mock"]

[[client]]
id = "bench"   # the load generator's token, sk-test
token_sha256 = "$(printf sk-test | sha256sum | cut -d' ' -f1)"
C
  chmod 600 "$TPOOL_HOME/config/tpool.toml"
}
