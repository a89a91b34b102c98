#include "core/catalog/shown.hpp"

#include <algorithm>
#include <map>

#include "core/catalog/listing.hpp"

namespace tpool::catalog {

Result<> hide(Pool& pool) {
  auto patterns = compile(pool.config->pool.hide, "pool.hide");
  if (!patterns) return patterns.error();
  for (auto& entry : pool.entries)
    if (any_matches(*patterns, entry.name)) entry.hidden = true;
  return {};
}

void make_displays_unique(Pool& pool) {
  std::map<std::string, int> seen;
  for (const auto& entry : pool.entries) ++seen[entry.display];
  for (auto& entry : pool.entries) {
    if (seen[entry.display] < 2) continue;
    const bool marked = entry.display.ends_with(long_context_mark);
    if (entry.kind == Entry::Kind::slug) {
      const auto& provider = pool.providers[entry.routes.front().provider];
      const auto model = entry.name.substr(provider.id.size() + 1);
      const bool shared_name =
          std::count_if(pool.providers.begin(), pool.providers.end(),
                        [&](const Resolved& one) { return one.name == provider.name; }) > 1;
      entry.display = provider.name + (shared_name ? " (" + provider.id + ")" : "") + " / " + model;
    } else {
      entry.display = entry.name;
    }
    if (marked) entry.display += long_context_mark;
  }
}

void put_default_first(Pool& pool) {
  if (const auto* first = pool.default_entry()) {
    const auto place = pool.entries.begin() + (first - pool.entries.data());
    std::rotate(pool.entries.begin(), place, place + 1);
  }
  pool.by_name.clear();
  for (std::size_t i = 0; i < pool.entries.size(); ++i)
    pool.by_name.emplace(pool.entries[i].name, i);
}

}  // namespace tpool::catalog
