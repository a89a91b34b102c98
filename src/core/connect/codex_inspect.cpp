#include <stdlib.h>

#include <algorithm>
#include <array>

#include "core/config/secret.hpp"
#include "core/config/toml_spans.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/codex_files.hpp"
#include "core/connect/codex_pieces.hpp"
#include "core/connect/codex_text.hpp"
#include "core/text_diff.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// "http://127.0.0.1:3301/v1" -> "127.0.0.1"
std::string host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(0, url.find(']') + 1));
  return std::string(url.substr(0, url.find(':')));
}

bool bypasses(std::string_view no_proxy, std::string_view host) {
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find(','), no_proxy.size());
    auto item = no_proxy.substr(0, end);
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    const bool network = item == "127.0.0.0/8" && host.starts_with("127.");
    if (item == "*" || item == host || network) return true;
  }
  return false;
}

std::optional<std::string> proxy_trap(const std::string& base_url) {
  const auto host = host_of(base_url);
  for (const auto* name : {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}) {
    if (variable(name).empty()) continue;
    for (const auto* exempt : {"NO_PROXY", "no_proxy"})
      if (bypasses(variable(exempt), host)) return std::nullopt;
    return std::string(name) + " is set and NO_PROXY does not name " + host +
           ": Codex would ask that proxy for tpool. Set NO_PROXY=127.0.0.1,localhost.";
  }
  return std::nullopt;
}

void note_traps(const CodexFacts& facts, const fs::path& file, const CodexFiles& files,
                const std::optional<std::string>& listen, Wired& wired) {
  const auto& named = facts.model_catalog_json;
  if (named && *named != files.catalog.string())
    wired.traps.push_back("model_catalog_json in " + file.string() + " names " + *named +
                          ", which wins over tpool's list. Remove it, or run: tpool pool enable "
                          "--force");
  if (listen && base_url_for(*listen) != facts.base_url)
    wired.traps.push_back(file.string() + " points at " + facts.base_url +
                          ", and tpool listens on " + *listen + ". Run: tpool pool sync");
  if (facts.model_provider != provider_name)
    wired.traps.push_back("model_provider in " + file.string() + " is " +
                          facts.model_provider.value_or("not set") +
                          ", so Codex does not use the pool. Run: tpool pool enable");
}

bool hides(const config::KeyPath& path) {
  // Headers, and what other programs are started with, may carry a secret under any name.
  return std::any_of(path.begin(), path.end(), [](const std::string& name) {
    return name == "env" || name.ends_with("headers") || config::names_secret(name);
  });
}

// The value of every secret in a config, ours and others'.
std::string with_masked_secrets(const std::string& text) {
  const auto layout = config::layout(text);
  if (!layout) return text;
  std::vector<config::TextEdit> edits;
  const auto mask = [&](const config::KeySpan& key, bool hidden, const auto& self,
                        int depth) -> void {
    if (hidden || hides(key.path)) {
      edits.push_back({key.value, "\"****\""});
      return;
    }
    if (depth == 0) return;
    for (const auto& inner : config::inline_members(text, key.value))
      self(inner, false, self, depth - 1);
  };
  for (const auto& table : layout->tables)
    for (const auto& key : table.keys) mask(key, hides(table.path), mask, 3);
  return config::apply_edits(text, std::move(edits));
}

}  // namespace

Result<Wired> inspect(const config::Paths&, const fs::path& codex_home,
                      const std::optional<std::string>& listen) {
  const CodexFiles files(codex_home);
  Wired wired;
  auto config = read_toml(files.config);
  if (!config) return config.error();
  auto profile = read_toml(files.profile);
  if (!profile) return profile.error();
  auto main_facts = read_codex(config->text);
  if (!main_facts) return main_facts.error();
  auto profile_facts = read_codex(profile->text);
  if (!profile_facts) return profile_facts.error();

  wired.config = main_facts->ours;
  wired.profile = profile_facts->ours;
  wired.model = main_facts->model;
  const bool through_profile = !wired.config && wired.profile;
  const auto& facts = through_profile ? *profile_facts : *main_facts;
  if (!wired.config && !wired.profile) return wired;
  wired.token = !facts.token.empty();
  wired.base_url = facts.base_url;
  wired.mode = facts.catalog_url.empty() ? CatalogMode::file : CatalogMode::live;
  note_traps(facts, through_profile ? files.profile : files.config, files, listen, wired);
  // A catalog file of the base config wins over a profile's URL as well.
  if (through_profile && wired.mode == CatalogMode::live && main_facts->model_catalog_json)
    wired.traps.push_back("model_catalog_json in " + files.config.string() + " names " +
                          *main_facts->model_catalog_json +
                          ", which wins over the list of the profile. Remove it.");
  if (auto trap = proxy_trap(wired.base_url)) wired.traps.push_back(std::move(*trap));
  return wired;
}

std::optional<config::Secret> wired_token(const fs::path& codex_home) {
  const CodexFiles files(codex_home);
  for (const auto& path : {files.config, files.profile}) {
    const auto file = read_toml(path);
    if (!file) continue;
    const auto facts = read_codex(file->text);
    if (facts && facts->ours && !facts->token.empty()) return config::Secret(facts->token);
  }
  return std::nullopt;
}

std::string diff(const Plan& plan) {
  std::string result;
  for (const auto& change : plan.changes) {
    const auto name = change.file.string();
    if (change.file.extension() == ".json") {
      if (change.before == change.after && !change.removed) continue;
      result += name + ": " +
                (change.removed ? "removed" : std::to_string(change.after.size()) + " bytes") +
                "\n";
      continue;
    }
    result += unified_diff(with_masked_secrets(change.before),
                           change.removed ? "" : with_masked_secrets(change.after), name);
  }
  return result;
}

}  // namespace tpool::connect
