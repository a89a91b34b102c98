#include "core/catalog/succession.hpp"

#include <map>

namespace tpool::catalog {
namespace {

using StoredModels = std::map<std::string, const config::Model*, std::less<>>;

StoredModels stored_models(const config::Config& config) {
  StoredModels models;
  for (const auto& model : config.models) models.emplace(strip_marker(model.id).name, &model);
  return models;
}

const config::Model* stored(const StoredModels& models, std::string_view id) {
  const auto found = models.find(id);
  return found == models.end() ? nullptr : found->second;
}

std::string_view model_of(const Pool& pool, const Entry& entry) {
  std::string_view name = entry.name;
  if (entry.kind == Entry::Kind::slug)
    name.remove_prefix(pool.providers[entry.routes.front().provider].id.size() + 1);
  return name;
}

// The nearest word counts: the model's, the provider's, the settings'.
const config::Failover* failover_of(const Pool& pool, const StoredModels& models,
                                    const Entry& entry) {
  if (const auto* model = stored(models, model_of(pool, entry)); model && model->failover)
    return &*model->failover;
  if (entry.kind == Entry::Kind::slug) {
    const auto& provider = *pool.providers[entry.routes.front().provider].stored;
    if (provider.failover) return &*provider.failover;
  }
  const auto& settings = pool.config->settings;
  return settings.failover ? &*settings.failover : nullptr;
}

}  // namespace

Result<> add_failover(Pool& pool, const Placement& placement) {
  const auto models = stored_models(*pool.config);
  for (auto& entry : pool.entries) {
    if (entry.kind == Entry::Kind::alias) continue;
    Successors successors{failover_of(pool, models, entry)};
    if (successors.failover && successors.failover->mode == config::Failover::Mode::same_model) {
      const auto id = model_of(pool, entry);
      const auto* model = entry.kind == Entry::Kind::slug ? stored(models, id) : nullptr;
      if (!model) {
        successors.same_model = placement.everywhere(id);
      } else if (!model->disabled) {
        auto routes = placement.routes(*model);
        if (!routes) return routes.error();
        successors.same_model = std::move(*routes);
      }
    } else if (successors.failover) {
      for (const auto& name : successors.failover->slugs)
        if (const auto* other = pool.resolve(name); other && other != &entry)
          successors.listed.push_back(other->routes);
    }
    entry.failover = routes_after(entry.routes, successors);
    number_slots(entry);
  }
  return {};
}

}  // namespace tpool::catalog
