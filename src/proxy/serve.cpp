#include "proxy/serve.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string_view>

#include "core/log.hpp"
#include "proxy/app.hpp"
#include "proxy/net/address.hpp"

namespace tpool::proxy {
namespace {

// Keys live in this process: no core dumps, and no look into it by others of the same user, unless
// that user wants to debug or measure it.
void protect_memory() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const char* traceable = std::getenv("TPOOL_TRACEABLE");
  if (!traceable || std::string_view(traceable) != "1") {
    ::prctl(PR_SET_DUMPABLE, 0);
    return;
  }
  log::warn("TPOOL_TRACEABLE: every program of yours can read this process, keys included");
}

void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string listen_text(const ServeOptions& options, const Snapshot& snapshot) {
  if (options.listen) return *options.listen;
  return snapshot.config->settings.listen.value_or(std::string(config::default_listen));
}

}  // namespace

Result<> serve(const ServeOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  protect_memory();
  allow_descriptors();
  auto snapshot = load_snapshot(options.paths);
  if (!snapshot) return snapshot.error();
  const auto listen = listen_text(options, **snapshot);
  auto address = net::parse_host_port(listen);
  if (!address) return address.error();
  const bool loopback = net::is_loopback(address->host);
  if (options.no_auth && !loopback)
    return invalid("--no-auth is for loopback only, not for " + listen,
                   "listen on 127.0.0.1, or create a token with `tpool client create`");
  if (!loopback && (*snapshot)->config->clients.empty())
    return invalid("listening on " + listen + " needs a client token",
                   "create one with `tpool client create`");
  const auto models = (*snapshot)->pool->entries.size();
  const auto providers = (*snapshot)->pool->providers.size();
  App app(std::move(*snapshot), {address->host, address->port, options.no_auth, options.paths});
  if (auto listening = app.listen(); !listening) return listening.error();
  if (options.no_auth) log::warn("--no-auth: every program on this machine can spend your keys");
  if (!loopback)
    log::warn("listening beyond this machine: traffic on that network is not encrypted");
  log::info("tpool " TPOOL_VERSION " on http://" + address->host + ":" +
            std::to_string(app.port()) + " with " + std::to_string(models) + " models of " +
            std::to_string(providers) + " providers");
  app.watch_signals();
  app.run();
  log::info("stopped");
  return {};
}

}  // namespace tpool::proxy
