#include "core/config/secret.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/config/private_file.hpp"
#include "core/config/secret_command.hpp"

namespace tpool::config {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view trim(std::string_view text) {
  // Editors on other systems put a mark at the front of a file; no header may carry it.
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  constexpr std::string_view white = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

Result<Secret> check(std::string_view raw, const SecretRef& ref) {
  const std::string_view text = trim(raw);
  if (text.empty()) return unavailable("the secret from " + describe(ref) + " is empty");
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control)
    return unavailable(
        "the secret from " + describe(ref) + " holds line breaks or control characters",
        "a key is one line of plain text");
  return Secret(std::string(text));
}

Result<std::filesystem::path> expand(const std::string& path) {
  if (!path.starts_with("~/")) return std::filesystem::path(path);
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    return unavailable("HOME is not set, so " + path + " leads nowhere");
  return std::filesystem::path(home) / path.substr(2);
}

}  // namespace

Result<Secret> resolve(const SecretRef& ref) {
  switch (ref.kind) {
    case SecretRef::Kind::none: return unavailable("no secret is configured");
    case SecretRef::Kind::value: return check(ref.text, ref);
    case SecretRef::Kind::env: {
      const char* text = std::getenv(ref.text.c_str());
      if (text == nullptr)
        return unavailable("environment variable " + ref.text + " is not set",
                           "set it where tpool runs, or store the key another way");
      return check(text, ref);
    }
    case SecretRef::Kind::file: {
      const auto path = expand(ref.text);
      if (!path) return path.error();
      const auto text = read_file(*path);
      if (!text) return unavailable(text.error().message, text.error().hint);
      return check(*text, ref);
    }
    case SecretRef::Kind::command: {
      const auto text = command_output(ref.argv);
      if (!text) return text.error();
      return check(*text, ref);
    }
  }
  return unavailable("no secret is configured");
}

std::string describe(const SecretRef& ref) {
  switch (ref.kind) {
    case SecretRef::Kind::none: return "none";
    case SecretRef::Kind::env: return "env " + ref.text;
    case SecretRef::Kind::file: return "file " + ref.text;
    case SecretRef::Kind::value: return "value ****";
    case SecretRef::Kind::command: {
      std::string words = "command";
      for (const std::string& word : ref.argv) words += " " + word;
      return words;
    }
  }
  return "none";
}

bool names_secret(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const char* part : {"auth", "key", "token", "secret", "cookie", "password", "credential"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace tpool::config
