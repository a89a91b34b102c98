// `tpool serve`: the proxy in the foreground, from its first socket to its last stream.
//
// Blocks until SIGINT or SIGTERM, then stops accepting and drains; a second signal ends at once.
// conflict when the port is taken (naming the holder when it can be found), invalid when the store
// cannot be used. Main thread.
#pragma once

#include <optional>
#include <string>

#include "core/config/paths.hpp"
#include "core/error.hpp"

namespace tpool::proxy {

struct ServeOptions {
  config::Paths paths;
  std::optional<std::string> listen;  // host:port, over the store's
  bool no_auth = false;               // only on loopback
};

Result<> serve(const ServeOptions& options);

}  // namespace tpool::proxy
