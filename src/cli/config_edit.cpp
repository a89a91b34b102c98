#include "cli/config_edit.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "cli/apply_edit.hpp"
#include "cli/key_input.hpp"
#include "cli/terminal.hpp"
#include "core/config/private_file.hpp"
#include "core/digest.hpp"

extern char** environ;

namespace tpool::cli {
namespace {

namespace fs = std::filesystem;

// The copy being edited; removed when done, for it may hold secrets.
class Draft {
 public:
  explicit Draft(fs::path file) : file_(std::move(file)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    if (!kept_) fs::remove(file_, ignored);
  }
  const fs::path& file() const { return file_; }
  void keep() { kept_ = true; }

 private:
  fs::path file_;
  bool kept_ = false;
};

Result<std::vector<std::string>> editor() {
  for (const char* name : {"VISUAL", "EDITOR"})
    if (const char* set = std::getenv(name); set != nullptr && *set != '\0') {
      auto words = split_words(set);
      if (!words) return words.error();
      if (!words->empty()) return words;
    }
  return std::vector<std::string>{"sensible-editor"};
}

Result<> run_editor(const fs::path& file) {
  auto words = editor();
  if (!words) return words.error();
  words->push_back(file.string());
  std::vector<char*> argv;
  for (auto& word : *words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (const int failed = posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ);
      failed != 0)
    return unavailable(
        "the editor " + words->front() + " cannot be started: " + describe_errno(failed),
        "set VISUAL or EDITOR");
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return unavailable("the editor was lost: " + describe_errno(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Code::cancelled, "the editor gave up; nothing was changed"};
  return {};
}

// Goes round until the store would take the draft or the user gives up.
Result<std::string> edit_until_valid(Context& context, Draft& draft, const std::string& seen) {
  for (;;) {
    if (auto ran = run_editor(draft.file()); !ran) return ran.error();
    auto text = config::read_file(draft.file());
    if (!text) return text.error();
    const auto planned = context.store().replace_text(*text, seen, config::Mode::dry_run);
    auto fine = planned ? still_builds(context, planned->before, planned->after)
                        : Result<>(planned.error());
    if (fine) return text;
    auto error = fine.error();
    const auto give_up = [&] {
      draft.keep();
      error.hint = "the store is as it was; your text is kept in " + draft.file().string();
      return error;
    };
    if (!context.may_ask()) return give_up();
    context.out.error(error);
    const auto again = ask_yes_no("Go on editing?", true);
    if (!again || !*again) return give_up();
  }
}

}  // namespace

Result<> config_edit(Context& context) {
  const auto& paths = context.paths;
  const auto present = config::read_file(paths.store);
  if (!present && present.error().code != Code::not_found) return present.error();
  const auto seen = present ? sha256_hex(*present).substr(0, 16) : std::string("empty");
  if (auto made = config::make_private_folder(paths.state); !made) return made.error();
  Draft draft(paths.state / ("edit-" + std::to_string(::getpid()) + ".toml"));
  const auto start = present ? *present : std::string("version = 1\n");
  if (auto written = config::replace_file(draft.file(), start); !written) return written.error();

  const auto text = edit_until_valid(context, draft, seen);
  if (!text) return text.error();
  const auto mode = context.dry_run() ? config::Mode::dry_run : config::Mode::write;
  const auto updated = context.store().replace_text(*text, seen, mode);
  if (!updated) {
    draft.keep();
    return Error{updated.error().code, updated.error().message,
                 "your text is kept in " + draft.file().string()};
  }
  return finish_edit(context, *updated, {});
}

}  // namespace tpool::cli
