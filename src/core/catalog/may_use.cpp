#include "core/catalog/may_use.hpp"

#include <algorithm>
#include <string>

namespace tpool::catalog {
namespace {

std::string listed_name(const Pool& pool, std::string_view name) {
  if (const auto effort = pool.effort_of(name); !effort.empty())
    name.remove_suffix(effort.size() + 1);
  if (pool.find(name)) return std::string(name);
  auto bare = strip_marker(name).name;
  return pool.find(bare) ? bare : std::string(name);
}

bool is_shown(const config::Client* client, const Entry& entry) {
  return !entry.hidden && may_use(client, entry.name);
}

}  // namespace

bool may_use(const config::Client* client, std::string_view model) {
  if (!client) return true;
  return std::ranges::any_of(client->models, [&](const std::string& pattern) {
    if (pattern == "*") return true;
    const auto matched = matches(pattern, model);
    return matched && *matched;
  });
}

bool may_use_all(const config::Client* client) {
  return !client || std::ranges::find(client->models, "*") != client->models.end();
}

bool may_ask_for(const config::Client* client, const Pool& pool, std::string_view name) {
  return may_use_all(client) || may_use(client, listed_name(pool, name));
}

std::size_t count_listed(const config::Client* client, const Pool& pool) {
  return static_cast<std::size_t>(std::ranges::count_if(
      pool.entries, [&](const Entry& entry) { return is_shown(client, entry); }));
}

const Entry* default_for(const config::Client* client, const Pool& pool) {
  const auto* standard = pool.default_entry();
  if (!standard || may_use(client, standard->name)) return standard;
  const auto first = std::ranges::find_if(
      pool.entries, [&](const Entry& entry) { return is_shown(client, entry); });
  return first == pool.entries.end() ? nullptr : &*first;
}

}  // namespace tpool::catalog
