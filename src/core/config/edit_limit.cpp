#include "core/config/edit_limit.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::config {

Result<Change> set_concurrency(Config& config, const std::string& provider,
                               const std::optional<std::string>& model,
                               const std::optional<std::string>& key, std::int64_t limit) {
  auto* owner = find_provider(config, provider);
  if (!owner) return no_provider(config, provider);
  const auto words = std::to_string(limit) + " at once";
  if (key) {
    const auto found = std::ranges::find(owner->keys, *key, &Key::id);
    if (found == owner->keys.end()) {
      std::vector<std::string> known;
      for (const auto& each : owner->keys) known.push_back(each.id);
      return no_such("key of " + provider, *key, known);
    }
    found->limits.concurrency = limit;
    return Change{"limited key " + *key + " of " + provider + " to " + words};
  }
  if (model) {
    auto found = std::ranges::find(owner->model_facts, *model, &ProviderModel::id);
    if (found == owner->model_facts.end())
      found = owner->model_facts.insert(found, ProviderModel{.id = *model});
    found->limits.concurrency = limit;
    return Change{"limited " + provider + "/" + *model + " to " + words + " for each key"};
  }
  owner->limits.concurrency = limit;
  return Change{"limited " + provider + " to " + words};
}

}  // namespace tpool::config
