#include "cli/config_edit.hpp"

#include <fcntl.h>
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
#include "core/config/toml.hpp"
#include "core/config/validate.hpp"
#include "core/digest.hpp"
#include "core/text_diff.hpp"

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
    return unavailable("the editor " + words->front() + " cannot be started: " +
                           describe_errno(failed),
                       "set VISUAL or EDITOR");
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return unavailable("the editor was lost: " + describe_errno(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Code::cancelled, "the editor gave up; nothing was changed"};
  return {};
}

Result<config::Config> read_draft(const std::string& text) {
  auto config = config::parse(text, "the edited store");
  if (!config) return config.error();
  if (auto valid = config::require_valid(*config); !valid) return valid.error();
  return config;
}

// Goes round until the draft is right or the user gives up.
Result<config::Config> edit_until_valid(Context& context, Draft& draft, std::string& text) {
  for (;;) {
    if (auto ran = run_editor(draft.file()); !ran) return ran.error();
    auto edited = config::read_file(draft.file());
    if (!edited) return edited.error();
    text = std::move(*edited);
    auto config = read_draft(text);
    if (config) return config;
    auto error = config.error();
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
  const auto before = present ? *present : std::string("version = 1\n");
  if (auto made = config::make_private_folder(paths.state); !made) return made.error();
  Draft draft(paths.state / ("edit-" + std::to_string(::getpid()) + ".toml"));
  if (auto written = config::replace_file(draft.file(), before); !written) return written.error();

  std::string text;
  const auto after = edit_until_valid(context, draft, text);
  if (!after) return after.error();
  config::Updated updated{.change = {"the store was edited"},
                          .after = *after,
                          .revision = sha256_hex(text).substr(0, 16),
                          .changed = !present ? text != before : text != *present};
  if (context.dry_run()) {
    updated.diff = unified_diff(before, text, paths.store.filename().string());
    return finish_edit(context, updated, {});
  }
  if (!updated.changed) return finish_edit(context, updated, {});

  if (auto made = config::make_private_folder(paths.store.parent_path()); !made)
    return made.error();
  // The Store's own lock, so that nobody's edit is lost between the look and the write.
  auto lock = config::FileLock::take(paths.store.string() + ".lock");
  if (!lock) {
    draft.keep();
    return lock.error();
  }
  const auto now = config::read_file(paths.store);
  if ((now ? *now : std::string("version = 1\n")) != before) {
    draft.keep();
    return conflict("the store changed while you were editing; it was left as it is now",
                    "your text is in " + draft.file().string());
  }
  if (auto written = config::replace_file(paths.store, text); !written) {
    draft.keep();
    return written.error();
  }
  return finish_edit(context, updated, {});
}

}  // namespace tpool::cli
