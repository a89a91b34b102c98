#include "cli/run.hpp"

#include <unistd.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/terminal.hpp"

namespace tpool::cli {
namespace {

OutputMode mode_of(bool json, bool quiet, const std::string& color) {
  return {.json = json,
          .quiet = quiet,
          .color_out = wants_color(color, STDOUT_FILENO),
          .color_err = wants_color(color, STDERR_FILENO),
          .columns = terminal_columns(STDOUT_FILENO)};
}

// Before the words are understood: how to report that they are not.
OutputMode first_guess(const std::vector<std::string>& words) {
  const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  return mode_of(json, false, "auto");
}

Result<> dispatch(const std::vector<std::string>& words, Output& out) {
  const auto parsed = parse(commands(), words);
  if (!parsed) return parsed.error();
  const auto& args = parsed->arguments;
  if (parsed->version) {
    out.data("tpool " TPOOL_VERSION);
    return {};
  }
  if (parsed->help) {
    out.data(help_text(parsed->path, out));
    return {};
  }
  out.set_mode(
      mode_of(args.has("--json"), args.has("--quiet"), args.value("--color").value_or("auto")));
  std::optional<std::filesystem::path> store;
  if (const auto path = args.value("--config")) store = *path;
  if (store && store->empty()) return invalid("--config needs PATH", "tpool --help");
  auto paths = config::locate(store);
  if (!paths) return paths.error();
  Context context(args, out, std::move(*paths));
  return parsed->path.back()->handler(context);
}

}  // namespace

int run(const std::vector<std::string>& words) {
  Output out(first_guess(words));
  const auto done = dispatch(words, out);
  if (!done) out.error(done.error());
  if (!done) return exit_code(done.error().code);
  if (out.failure().empty()) return 0;
  out.error(unavailable("stdout cannot be written: " + out.failure()));
  return exit_code(Code::unavailable);
}

}  // namespace tpool::cli
