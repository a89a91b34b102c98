#include "cli/secret_on_argv.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tpool::cli {

bool names_a_secret(std::string_view option) {
  constexpr std::array names{"--key",   "--api-key", "--apikey",   "--key-value", "--secret",
                             "--token", "--bearer",  "--password", "--api_key",   "--auth-token"};
  return std::find(names.begin(), names.end(), option) != names.end();
}

bool looks_like_secret(std::string_view word) {
  if (const auto equals = word.find('='); word.starts_with('-') && equals != std::string_view::npos)
    word.remove_prefix(equals + 1);
  constexpr std::array prefixes{"sk-", "sk_", "gsk_", "xai-",   "AIza", "ghp_",
                                "hf_", "pk-", "rk-",  "tpool_", "csk-", "Bearer "};
  for (const std::string_view prefix : prefixes) {
    if (!word.starts_with(prefix) || word.size() < prefix.size() + 8) continue;
    const auto rest = word.substr(prefix.size());
    return std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '-' || c == '_' || c == '.';
    });
  }
  return false;
}

Result<> check_proxy(const std::optional<std::string>& proxy) {
  if (!proxy || proxy->find('@') == std::string::npos) return {};
  return invalid(
      "a proxy's password on the command line is not accepted: other processes and the shell's "
      "history see it",
      "write it into the store: tpool config edit");
}

Error secret_on_argv() {
  return invalid(
      "a secret on the command line is not accepted: other processes and the shell's history see "
      "it",
      "use --key-stdin, --key-env VAR, --key-file PATH or --key-command CMD, or leave it out and "
      "be "
      "asked; replace a key that was typed here");
}

}  // namespace tpool::cli
