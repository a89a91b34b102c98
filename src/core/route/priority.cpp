#include "core/route/priority.hpp"

#include <algorithm>
#include <array>

namespace tpool::route {
namespace {

constexpr std::array turns{Turn::high, Turn::normal, Turn::low};

// A header is written by hand, in any case.
std::optional<Turn> turn_of_header(std::string_view text) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  for (const auto turn : turns)
    if (std::ranges::equal(text, to_string(turn), same)) return turn;
  return std::nullopt;
}

std::optional<Turn> turn_of_tier(std::string_view tier) {
  if (tier == "priority" || tier == "fast") return Turn::high;
  if (tier == "flex") return Turn::low;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Turn turn) {
  switch (turn) {
    case Turn::high: return "high";
    case Turn::normal: return "normal";
    case Turn::low: return "low";
  }
  return "normal";
}

std::optional<Turn> parse_turn(std::string_view text) {
  for (const auto turn : turns)
    if (text == to_string(turn)) return turn;
  return std::nullopt;
}

std::optional<Priority> explicit_priority(std::string_view header, std::string_view metadata,
                                          std::string_view service_tier) {
  if (const auto turn = turn_of_header(header)) return Priority{*turn, priority_header};
  if (const auto turn = parse_turn(metadata)) return Priority{*turn, "metadata.priority"};
  if (const auto turn = turn_of_tier(service_tier)) return Priority{*turn, "service_tier"};
  return std::nullopt;
}

}  // namespace tpool::route
