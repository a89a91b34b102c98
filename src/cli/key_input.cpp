#include "cli/key_input.hpp"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "cli/secret_on_argv.hpp"
#include "cli/terminal.hpp"
#include "core/config/secret.hpp"

namespace tpool::cli {
namespace {

using Kind = config::SecretRef::Kind;

constexpr std::size_t longest_key = 64 * 1024;
const char* const ways = "--key-env VAR, --key-file PATH, --key-command CMD or --key-stdin";

bool is_variable_name(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) return false;
  for (const unsigned char c : name)
    if (!std::isalnum(c) && c != '_') return false;
  return true;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Result<config::SecretRef> typed(const std::string& text) {
  config::SecretRef ref{Kind::value, trimmed(text)};
  if (ref.text.empty()) return invalid("the key is empty", std::string("paste it, or use ") + ways);
  for (const unsigned char c : ref.text)
    if (c < 0x21 || c > 0x7e)
      return invalid("the key holds a space or a character that no key has",
                     "paste the key alone, without quotes or line breaks");
  return ref;
}

Result<config::SecretRef> from_options(Context& context) {
  const auto& args = context.args;
  if (args.has("--key-stdin")) {
    const auto text = read_stdin(longest_key);
    if (!text) return text.error();
    return typed(*text);
  }
  if (const auto name = args.value("--key-env")) {
    if (looks_like_secret(*name)) return secret_on_argv();
    if (!is_variable_name(*name))
      return invalid("--key-env needs the name of a variable, such as DEEPSEEK_API_KEY");
    return config::SecretRef{Kind::env, *name};
  }
  if (const auto path = args.value("--key-file")) {
    if (looks_like_secret(*path)) return secret_on_argv();
    std::error_code failed;
    // Home stays a tilde: the store may move to another machine.
    const auto whole = path->starts_with("~/") ? std::filesystem::path(*path)
                                               : std::filesystem::absolute(*path, failed);
    return config::SecretRef{Kind::file, failed ? *path : whole.string()};
  }
  const auto line = args.value("--key-command").value_or("");
  auto words = split_words(line);
  if (!words) return words.error();
  if (words->empty()) return invalid("--key-command is empty", "for example 'pass show deepseek'");
  config::SecretRef ref{Kind::command};
  ref.argv = std::move(*words);
  return ref;
}

}  // namespace

std::vector<Option> key_options() {
  return {{.name = "--key-env", .value = "VAR", .help = "read the key from this variable"},
          {.name = "--key-file",
           .value = "PATH",
           .help = "read the key from this file",
           .completes = Completes::file},
          {.name = "--key-command",
           .value = "CMD",
           .help = "read the key from what this command prints"},
          {.name = "--key-stdin", .help = "read the key from stdin and keep it in the store"}};
}

Result<std::optional<config::SecretRef>> read_key(Context& context, const KeyWish& wish) {
  using Given = std::optional<config::SecretRef>;
  const auto& args = context.args;
  std::vector<std::string> said;
  for (const auto* name : {"--key-env", "--key-file", "--key-command", "--key-stdin", "--no-key"})
    if (args.has(name)) said.emplace_back(name);
  if (said.size() > 1) return invalid(join(said, " and ") + " exclude each other", "give one");
  if (args.has("--no-key")) return Given{};
  if (!said.empty()) {
    auto ref = from_options(context);
    if (!ref) return ref.error();
    const bool quick = ref->kind == Kind::env || ref->kind == Kind::file;
    if (const auto secret = quick ? config::resolve(*ref) : config::Secret(); !secret)
      context.out.warn(secret.error().message);
    return Given{std::move(*ref)};
  }
  if (!wish.needed) return Given{};
  if (const char* set =
          wish.customary_env.empty() ? nullptr : std::getenv(wish.customary_env.c_str());
      set != nullptr && *set != '\0') {
    context.out.say("using " + wish.customary_env + " from your environment as the key");
    return Given{config::SecretRef{Kind::env, wish.customary_env}};
  }
  if (!context.may_ask()) {
    const auto example =
        wish.customary_env.empty() ? std::string() : ", or set " + wish.customary_env;
    return invalid("no key was given for " + wish.owner,
                   std::string("use ") + ways + example +
                       (wish.refusable ? "; --no-key when it needs none" : ""));
  }
  if (!wish.page.empty()) context.out.say("keys for " + wish.owner + ": " + wish.page);
  const auto secret = ask_secret("Key for " + wish.owner + " (not shown): ");
  if (!secret) return secret.error();
  auto ref = typed(secret->reveal());
  if (!ref) return ref.error();
  return Given{std::move(*ref)};
}

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      inside = true;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      inside = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (quote != 0) return invalid(std::string("a ") + quote + " in the command is never closed");
  if (inside) words.push_back(std::move(word));
  return words;
}

}  // namespace tpool::cli
