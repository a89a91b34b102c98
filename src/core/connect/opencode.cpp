#include "core/connect/opencode.hpp"

#include <cstdlib>
#include <system_error>

#include "core/connect/codex_files.hpp"
#include "core/json/write.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

std::string json_text(std::string_view text) {
  std::string out;
  json::append_quoted(out, text);
  return out;
}

void write_model(json::Writer& out, const catalog::Entry& entry) {
  const auto& facts = entry.facts;
  out.key(entry.name).begin_object().member("name", entry.display);
  if (facts.tool_call) out.member("tool_call", *facts.tool_call);
  if (facts.reasoning) out.member("reasoning", *facts.reasoning);
  out.member("attachment", facts.takes_images());
  // opencode wants both limits or none.
  if (facts.context && facts.output)
    out.key("limit")
        .begin_object()
        .member("context", *facts.context)
        .member("output", *facts.output)
        .end_object();
  out.end_object();
}

std::string block(const OpencodeWiring& wiring, const catalog::Pool& pool) {
  std::string json;
  json::Writer out(json);
  out.begin_object().member("npm", "@ai-sdk/openai-compatible").member("name", "tpool");
  out.key("options").begin_object();
  out.member("baseURL", base_url_for(wiring.listen)).member("apiKey", wiring.token.reveal());
  out.end_object().key("models").begin_object();
  for (const auto& entry : pool.entries)
    if (!entry.hidden) write_model(out, entry);
  out.end_object().end_object();
  auto text = json::indented(json);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Result<fs::path> opencode_settings() {
  if (const char* file = std::getenv("OPENCODE_CONFIG"); file && *file) return fs::absolute(file);
  fs::path folder;
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config)
    folder = config;
  else if (const char* home = std::getenv("HOME"); home && *home)
    folder = fs::path(home) / ".config";
  else
    return invalid("neither XDG_CONFIG_HOME nor HOME says where opencode keeps its settings",
                   "name the file with --file");
  folder /= "opencode";
  std::error_code ignored;
  for (const char* name : {"opencode.json", "opencode.jsonc"})
    if (fs::exists(folder / name, ignored)) return folder / name;
  return folder / "opencode.json";
}

json::Path opencode_token() { return {"provider", "tpool", "options", "apiKey"}; }

std::vector<SettingsKey> opencode_keys(const OpencodeWiring& wiring, const catalog::Pool& pool) {
  const auto named = [](const std::string& model) {
    return model.empty() ? std::string() : json_text("tpool/" + model);
  };
  return {{{"provider", "tpool"}, block(wiring, pool), true},
          {{"model"}, named(wiring.model)},
          {{"small_model"}, named(wiring.small_model)}};
}

}  // namespace tpool::connect
