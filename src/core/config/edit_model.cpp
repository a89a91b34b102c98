#include "core/config/edit_model.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::config {
namespace {

template <class T>
void take(std::optional<T>& field, const std::optional<T>& said) {
  if (said) field = said;
}

}  // namespace

Result<Change> edit_model(Config& config, const std::string& provider, const ProviderModel& said,
                          bool afresh) {
  auto* owner = find_provider(config, provider);
  if (!owner) return no_provider(config, provider);
  auto& entries = owner->model_facts;
  auto entry = std::find_if(entries.begin(), entries.end(),
                            [&](const ProviderModel& one) { return one.id == said.id; });
  const ProviderModel nothing{.id = said.id};
  if (entry == entries.end()) entry = entries.insert(entries.end(), nothing);
  if (afresh) *entry = {.id = said.id, .upstream = entry->upstream, .limits = entry->limits};
  take(entry->name, said.name);
  take(entry->upstream, said.upstream);
  take(entry->context, said.context);
  take(entry->output, said.output);
  take(entry->input, said.input);
  take(entry->tool_call, said.tool_call);
  take(entry->reasoning, said.reasoning);
  take(entry->efforts, said.efforts);
  if (said.cost) {
    auto cost = entry->cost.value_or(Cost{});
    take(cost.input, said.cost->input);
    take(cost.output, said.cost->output);
    take(cost.cache_read, said.cost->cache_read);
    take(cost.cache_write, said.cost->cache_write);
    entry->cost = cost;
  }
  if (*entry == nothing) entries.erase(entry);
  return Change{"changed what is known of " + provider + "/" + said.id};
}

}  // namespace tpool::config
