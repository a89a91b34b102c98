# tpool with the mock as a provider of the protocol the client speaks: bytes pass through.
T_PORT=9190
T_MODEL=mock/mock
T_DIA=responses
T_READY=/health
. "$(dirname "${BASH_SOURCE[0]}")/tpool-home.sh"
start() { tpool_home responses; exec "$TPOOL" serve --listen "127.0.0.1:$T_PORT"; }
