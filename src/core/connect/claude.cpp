#include "core/connect/claude.hpp"

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

std::vector<SettingsKey> claude_keys(const ClaudeWiring& wiring) {
  const auto env = [](const char* name, std::string_view value) {
    return SettingsKey{{"env", name}, json_text(value)};
  };
  return {env("ANTHROPIC_BASE_URL", root_url(wiring.listen)),
          env("ANTHROPIC_AUTH_TOKEN", wiring.token.reveal()),
          env("ANTHROPIC_DEFAULT_OPUS_MODEL", wiring.model),
          env("ANTHROPIC_DEFAULT_SONNET_MODEL", wiring.model),
          env("ANTHROPIC_DEFAULT_HAIKU_MODEL", wiring.small_model)};
}

}  // namespace tpool::connect
