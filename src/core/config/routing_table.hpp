// The keys of [routing], each with its member, range and meaning: the one list behind reading,
// writing, checking, `config get|set|unset|show`, completion and the man page.
//
// A key's place in the list is its bit in Routing::said; new ones go to the end of their group,
// since nobody keeps a place beyond the process. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config/routing.hpp"
#include "core/error.hpp"

namespace tpool::config {

struct RoutingKey {
  using Member = std::variant<std::int64_t Routing::*, double Routing::*, Milliseconds Routing::*>;

  std::string_view name;
  Member member;
  double least;  // milliseconds for a duration
  double most;
  std::string_view meaning;
  std::string_view group = {};  // begins here
};

std::span<const RoutingKey> routing_keys();

// As a user reads and types it: 15s, 0.25, 4. In force, and what may stand there.
std::string text_of(const RoutingKey& key, const Routing& routing);
std::string range_of(const RoutingKey& key);

// By name, without the table's; an empty value takes the key out. not_found or invalid else.
Result<> assign(Routing& routing, std::string_view name, const std::string& value);
bool said(const Routing& routing, const RoutingKey& key);

// One sentence for every number out of its range, and for every two that contradict each other.
std::vector<std::string> faults(const Routing& routing);

// Visits every key with its member, which may be changed, and its place in the list.
template <class Numbers, class Visit>
void each_number(Numbers& routing, Visit visit) {
  const auto keys = routing_keys();
  for (std::size_t i = 0; i < keys.size(); ++i)
    std::visit([&](auto member) { visit(keys[i], routing.*member, i); }, keys[i].member);
}

}  // namespace tpool::config
