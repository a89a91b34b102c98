#include "core/connect/claude.hpp"

#include <string.h>

#include <algorithm>
#include <cstdlib>

#include "core/connect/codex_files.hpp"
#include "core/json/write.hpp"

namespace tpool::connect {
namespace {

std::string json_text(std::string_view text) {
  std::string out;
  json::append_quoted(out, text);
  return out;
}

// The client adds /v1/messages itself.
std::string root_url(std::string_view listen) {
  auto url = base_url_for(listen);
  return url.substr(0, url.size() - std::string_view("/v1").size());
}

// What of a name tells its version: no folders before it, no date behind.
std::string versioned(std::string_view name) {
  constexpr std::size_t date = 8;
  name.remove_prefix(name.rfind('/') + 1);
  if (name.size() > date && name[name.size() - date - 1] == '-' &&
      name.substr(name.size() - date).find_first_not_of("0123456789") == std::string_view::npos)
    name.remove_suffix(date + 1);
  std::string text(name);
  std::ranges::replace(text, '.', '-');
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// What Claude Code believes of any model: this much, and of the biggest size the greater.
constexpr std::int64_t usual_window = 200'000;
constexpr std::int64_t long_window = 1'000'000;

// Without these a conversation would outgrow its model before Claude Code shortens it.
std::string no_long_window(const ClaudeWiring& wiring) {
  return wiring.opus_context.value_or(0) >= long_window ? "" : "1";
}
std::string window(const ClaudeWiring& wiring) {
  const auto smaller = std::min(wiring.opus_context.value_or(usual_window),
                                wiring.sonnet_context.value_or(usual_window));
  return smaller < usual_window ? std::to_string(smaller) : "";
}

}  // namespace

Result<std::filesystem::path> claude_settings() {
  if (const char* folder = std::getenv("CLAUDE_CONFIG_DIR"); folder && *folder)
    return std::filesystem::absolute(folder) / "settings.json";
  if (const char* home = std::getenv("HOME"); home && *home)
    return std::filesystem::path(home) / ".claude" / "settings.json";
  return invalid("neither CLAUDE_CONFIG_DIR nor HOME says where Claude Code keeps its settings",
                 "name the file with --file");
}

json::Path claude_token() { return {"env", "ANTHROPIC_AUTH_TOKEN"}; }

std::string claude_of_size(const catalog::Pool& pool, std::string_view size) {
  const catalog::Entry* newest = nullptr;
  std::string version;
  for (const auto& entry : pool.entries) {
    if (entry.hidden) continue;
    auto name = versioned(entry.name);
    if (!name.starts_with("claude-") || name.find(size) == std::string::npos) continue;
    if (newest && ::strverscmp(name.c_str(), version.c_str()) <= 0) continue;
    newest = &entry;
    version = std::move(name);
  }
  return newest ? newest->name : std::string();
}

std::vector<SettingsKey> claude_keys(const ClaudeWiring& wiring) {
  const auto env = [](const char* name, std::string_view value) {
    return SettingsKey{{"env", name}, value.empty() ? std::string() : json_text(value)};
  };
  return {env("ANTHROPIC_BASE_URL", root_url(wiring.listen)),
          env("ANTHROPIC_AUTH_TOKEN", wiring.token.reveal()),
          env("ANTHROPIC_DEFAULT_OPUS_MODEL", wiring.opus),
          env("ANTHROPIC_DEFAULT_SONNET_MODEL", wiring.sonnet),
          env("ANTHROPIC_DEFAULT_HAIKU_MODEL", wiring.haiku),
          env("CLAUDE_CODE_DISABLE_1M_CONTEXT", no_long_window(wiring)),
          env("CLAUDE_CODE_AUTO_COMPACT_WINDOW", window(wiring))};
}

}  // namespace tpool::connect
