#include "core/config/masked_diff.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "core/config/secret.hpp"
#include "core/config/toml_draft.hpp"
#include "core/text_diff.hpp"

namespace tpool::config {
namespace {

struct Hidden {
  Place place;
  std::string secret;
};

void add_proxy(std::vector<Hidden>& hidden, const Place& owner,
               const std::optional<std::string>& proxy) {
  if (proxy && proxy->find('@') != std::string::npos) hidden.push_back({owner / "proxy", *proxy});
}

std::vector<Hidden> secrets_of(const Config& config) {
  std::vector<Hidden> hidden;
  add_proxy(hidden, Place{} / "settings", config.settings.proxy);
  for (std::size_t i = 0; i < config.groups.size(); ++i)
    add_proxy(hidden, Place{} / "group" / i, config.groups[i].proxy);
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const Provider& provider = config.providers[i];
    const Place place = Place{} / "provider" / i;
    add_proxy(hidden, place, provider.proxy);
    for (const auto& [name, value] : provider.headers)
      if (names_secret(name)) hidden.push_back({place / "headers" / name, value});
    for (std::size_t k = 0; k < provider.keys.size(); ++k) {
      const Key& key = provider.keys[k];
      add_proxy(hidden, place / "key" / k, key.proxy);
      if (key.secret.kind == SecretRef::Kind::value)
        hidden.push_back({place / "key" / k / "value", key.secret.text});
    }
  }
  return hidden;
}

using Secrets = std::set<std::string>;

std::string mask(const ConfigText& source, const Secrets& old_secrets, const Secrets& all) {
  auto draft = TomlDraft::open(std::string(source.text));
  if (!draft) return {};
  for (const Hidden& each : secrets_of(source.config)) {
    const bool fresh = !old_secrets.contains(each.secret);
    if (!draft->set(each.place, fresh ? "\"**** (new)\"" : "\"****\"", {})) return {};
  }
  // A secret may also stand in a comment or as another value.
  std::string text = draft->text();
  for (const std::string& secret : all) {
    if (secret.size() < 8) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 4))
      text.replace(at, secret.size(), "****");
  }
  return text;
}

}  // namespace

std::string masked_diff(const ConfigText& before, const ConfigText& after, std::string_view name) {
  Secrets old;
  for (const Hidden& each : secrets_of(before.config)) old.insert(each.secret);
  Secrets all = old;
  for (const Hidden& each : secrets_of(after.config)) all.insert(each.secret);
  return unified_diff(mask(before, old, all), mask(after, old, all), name);
}

}  // namespace tpool::config
