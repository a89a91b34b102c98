// The CLI's line to a running `tpool serve`: one HTTP/1.1 call over its Unix socket.
//
// unavailable when nothing serves there; timeout after the limit; an error reply becomes the Error
// it carries. Replies over 64 MiB are refused. Blocking.
#pragma once

#include <string>
#include <string_view>

#include "core/config/paths.hpp"
#include "core/error.hpp"
#include "core/types.hpp"

namespace tpool::cli {

// The reply's body. `method` is GET, POST or PUT, `target` a path such as /api/status, `body` JSON.
Result<std::string> admin_call(const config::Paths& paths, std::string_view method,
                               std::string_view target, Milliseconds limit = Milliseconds(5'000),
                               std::string_view body = {});

// What a running serve of this very store says to a GET; else why it was not asked.
struct Told {
  std::string body;
  std::string missing;  // "serve is not running"; empty: it was
};
Result<Told> ask_own_serve(const config::Paths& paths, const std::string& target);

// Whether something accepts connections on the admin socket.
bool serve_is_running(const config::Paths& paths);

// The body of a whole HTTP/1.1 reply, or the Error its status and JSON carry.
Result<std::string> read_reply(std::string_view reply);

}  // namespace tpool::cli
