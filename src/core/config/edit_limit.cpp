#include "core/config/edit_limit.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::config {
namespace {

// The provider's own limit is a cap over all of it, too.
Change of_a_part(const Provider& owner, std::string summary, std::int64_t limit) {
  Change change{std::move(summary)};
  if (owner.limits.concurrency && *owner.limits.concurrency < limit)
    change.notes.push_back("all of " + owner.id + " may still run only " +
                           std::to_string(*owner.limits.concurrency) +
                           " at once: tpool limit set " + owner.id + " N --persist changes that");
  return change;
}

}  // namespace

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
    return of_a_part(*owner, "limited key " + *key + " of " + provider + " to " + words, limit);
  }
  if (model) {
    auto found = std::ranges::find(owner->model_facts, *model, &ProviderModel::id);
    if (found == owner->model_facts.end())
      found = owner->model_facts.insert(found, ProviderModel{.id = *model});
    found->limits.concurrency = limit;
    return of_a_part(
        *owner, "limited " + provider + "/" + *model + " to " + words + " for each key", limit);
  }
  owner->limits.concurrency = limit;
  return Change{"limited " + provider + " to " + words};
}

}  // namespace tpool::config
