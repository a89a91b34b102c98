#include "core/catalog/pool.hpp"

#include <algorithm>

namespace tpool::catalog {
namespace {

constexpr int deepest_alias = 8;

}  // namespace

const Entry* Pool::find(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &entries[found->second];
}

const Entry* Pool::resolve(std::string_view name) const {
  const Entry* entry = find(name);
  if (!entry && name.ends_with(']')) entry = find(strip_marker(name).name);
  for (int depth = 0; entry && entry->kind == Entry::Kind::alias; ++depth) {
    if (depth == deepest_alias) return nullptr;
    entry = find(entry->target);
  }
  return entry;
}

const Entry* Pool::default_entry() const {
  if (config && config->settings.default_model) {
    const auto named = strip_marker(*config->settings.default_model);
    if (const auto* entry = find(named.name)) return entry;
  }
  const auto listed = std::find_if(entries.begin(), entries.end(),
                                   [](const Entry& entry) { return !entry.hidden; });
  return listed == entries.end() ? nullptr : &*listed;
}

}  // namespace tpool::catalog
