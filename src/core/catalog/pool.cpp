#include "core/catalog/pool.hpp"

#include <algorithm>

#include "core/protocol/effort.hpp"

namespace tpool::catalog {
namespace {

constexpr int deepest_alias = 8;

// The entry of a name as it stands, but for its marker and aliases.
const Entry* spelled(const Pool& pool, std::string_view name) {
  const Entry* entry = pool.find(name);
  if (!entry && name.ends_with(']')) entry = pool.find(strip_marker(name).name);
  for (int depth = 0; entry && entry->kind == Entry::Kind::alias; ++depth) {
    if (depth == deepest_alias) return nullptr;
    entry = pool.find(entry->target);
  }
  return entry;
}

std::string_view without(std::string_view name, std::string_view effort) {
  return name.substr(0, name.size() - effort.size() - 1);
}

}  // namespace

const Entry* Pool::find(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &entries[found->second];
}

const Entry* Pool::resolve(std::string_view name) const {
  if (const auto* entry = spelled(*this, name)) return entry;
  const auto effort = effort_of(name);
  return effort.empty() ? nullptr : spelled(*this, without(name, effort));
}

std::string_view Pool::effort_of(std::string_view name) const {
  if (!config || !config->settings.effort_suffix.value_or(false)) return {};
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || spelled(*this, name)) return {};
  const auto effort = name.substr(dash + 1);
  if (!protocol::is_effort(effort)) return {};
  const auto* entry = spelled(*this, without(name, effort));
  if (!entry || entry->facts.reasoning == false) return {};
  const auto& known = entry->facts.efforts;
  const bool fits = known.empty() || std::ranges::find(known, effort) != known.end();
  return fits ? effort : std::string_view();
}

const Entry* Pool::stand_in() const {
  const auto& settings = config->settings;
  if (settings.on_unknown_model != "default") return nullptr;
  if (settings.default_model && !find(strip_marker(*settings.default_model).name)) return nullptr;
  return default_entry();
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
