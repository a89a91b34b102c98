#include "proxy/serve.hpp"

#include <cstdlib>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/log.hpp"

namespace tpool::cli {
namespace {

std::optional<std::string> from_environment(const char* name) {
  const char* set = std::getenv(name);
  if (set == nullptr || *set == '\0') return std::nullopt;
  return set;
}

Result<> serve(Context& context) {
  auto level = context.args.value("--log-level");
  if (!level) level = from_environment("TPOOL_LOG");
  if (!level && context.args.has("--quiet")) level = "warn";
  if (level) {
    const auto parsed = log::parse_level(*level);
    if (!parsed) return parsed.error();
    log::set_level(*parsed);
  }
  auto listen = context.args.value("--listen");
  if (!listen) listen = from_environment("TPOOL_LISTEN");
  return proxy::serve({.paths = context.paths,
                       .listen = std::move(listen),
                       .no_auth = context.args.has("--no-auth")});
}

}  // namespace

Command serve_verb() {
  return {
      .name = "serve",
      .summary = "Run the proxy in the foreground",
      .description =
          "Answers Codex and other clients on 127.0.0.1:3301 until Ctrl-C. Edits of the store take "
          "effect at once, without dropping a stream. A busy port is an error, never a silent "
          "move; listening wider than loopback needs a client token.\n\n"
          "SIGTERM and Ctrl-C stop accepting and let streams end; a second one ends them. SIGHUP "
          "reloads the store.",
      .examples = {{"serve", ""},
                   {"serve --listen 127.0.0.1:4000", "another port"},
                   {"serve --log-level debug", ""}},
      .options = {{.name = "--listen", .value = "HOST:PORT", .help = "where to listen"},
                  {.name = "--log-level",
                   .value = "LEVEL",
                   .help = "how much to say on stderr",
                   .choices = {"debug", "info", "warn", "error", "off"}},
                  {.name = "--no-auth", .help = "ask no token; on loopback only"}},
      .handler = serve};
}

}  // namespace tpool::cli
