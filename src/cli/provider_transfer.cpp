#include <cctype>

#include "cli/apply_edit.hpp"
#include "cli/provider.hpp"
#include "cli/terminal.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/private_file.hpp"
#include "core/config/secret.hpp"
#include "core/config/toml.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t largest_import = 4u << 20;

// DEEPSEEK_API_KEY for the first key, DEEPSEEK_TEAM_API_KEY for one called `team`.
std::string variable_for(const config::Provider& provider, const config::Key& key, bool first) {
  if (const auto* preset = catalog::find_preset(provider.preset.value_or(""));
      first && preset && !preset->key_env.empty())
    return std::string(preset->key_env);
  std::string name = provider.id + (first ? "" : "_" + key.id) + "_api_key";
  for (auto& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    c = std::isalnum(byte) ? static_cast<char>(std::toupper(byte)) : '_';
  }
  if (std::isdigit(static_cast<unsigned char>(name[0]))) name.insert(0, "_");
  return name;
}

// Takes the secrets out of a provider and says what was replaced.
void redact(config::Provider& provider, std::vector<std::string>& notes) {
  bool first = true;
  for (auto& key : provider.keys) {
    if (key.secret.kind == config::SecretRef::Kind::value) {
      key.secret = {config::SecretRef::Kind::env, variable_for(provider, key, first)};
      notes.push_back("key " + key.id + " of " + provider.id +
                      " is a secret of its store; here it is expected in " + key.secret.text);
    }
    if (key.proxy && key.proxy->find('@') != std::string::npos) {
      notes.push_back("the proxy of key " + key.id + " was left out: it holds a password");
      key.proxy.reset();
    }
    first = false;
  }
  for (auto header = provider.headers.begin(); header != provider.headers.end();) {
    if (!config::names_secret(header->first)) {
      ++header;
      continue;
    }
    notes.push_back("header " + header->first + " of " + provider.id + " was left out");
    header = provider.headers.erase(header);
  }
  if (provider.proxy && provider.proxy->find('@') != std::string::npos) {
    notes.push_back("the proxy of " + provider.id + " was left out: it holds a password");
    provider.proxy.reset();
  }
}

Result<std::string> read_source(const Arguments& args) {
  const auto file = args.value("FILE").value_or("-");
  if (file == "-") return read_stdin(largest_import);
  return config::read_file(file);
}

}  // namespace

Result<> provider_export(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  config::Config chosen;
  const auto ids = context.args.values("PROVIDER");
  for (const auto& id : ids) {
    const auto provider = require_provider(loaded->config, id);
    if (!provider) return provider.error();
    chosen.providers.push_back(**provider);
  }
  if (ids.empty()) chosen.providers = loaded->config.providers;
  std::vector<std::string> notes;
  for (auto& provider : chosen.providers) redact(provider, notes);

  std::string head = "# Providers of a tpool store, without secrets: tpool provider import\n";
  for (const auto& note : notes) head += "# " + note + "\n";
  const auto text = config::rewrite(head + "version = 1\n", config::Config{}, chosen);
  if (!text) return text.error();
  if (!context.out.json()) {
    context.out.data(*text);
    return {};
  }
  std::string json;
  json::Writer writer(json);
  writer.begin_object().member("toml", *text).key("notes").begin_array();
  for (const auto& note : notes) writer.string(note);
  writer.end_array().end_object();
  context.out.document(json);
  return {};
}

Result<> provider_import(Context& context) {
  const auto text = read_source(context.args);
  if (!text) return text.error();
  const auto name = context.args.value("FILE").value_or("-");
  const auto incoming = config::parse(*text, name == "-" ? "stdin" : name);
  if (!incoming) return incoming.error();
  if (incoming->providers.empty())
    return invalid("there is no [[provider]] in it", "tpool provider export prints the form");
  const bool replace = context.args.has("--replace");
  return run_edit(context, [&](config::Config& config) -> Result<config::Change> {
    config::Change change;
    std::vector<std::string> ids;
    for (const auto& provider : incoming->providers) {
      ids.push_back(provider.id);
      auto* present = config::find_provider(config, provider.id);
      if (present != nullptr && !replace)
        return conflict("there already is a provider '" + provider.id + "'; nothing was imported",
                        "add --replace to replace it");
      if (present != nullptr)
        *present = provider;
      else
        config.providers.push_back(provider);
    }
    change.summary = "imported " + counted(ids.size(), "provider") + ": " + join(ids, ", ");
    return change;
  });
}

}  // namespace tpool::cli
