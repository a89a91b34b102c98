#include "core/route/profile.hpp"

namespace tpool::route {

std::string_view to_string(Profile profile) {
  switch (profile) {
    case Profile::balanced: return "balanced";
    case Profile::fast: return "fast";
    case Profile::cheap: return "cheap";
  }
  return "balanced";
}

std::optional<Profile> parse_profile(std::string_view text) {
  for (const auto profile : {Profile::balanced, Profile::fast, Profile::cheap})
    if (text == to_string(profile)) return profile;
  return std::nullopt;
}

Stakes stakes(Profile profile, Class request_class, Turn turn, const config::Routing& routing) {
  Stakes made;
  switch (profile) {
    case Profile::balanced: made.usd_per_second = routing.usd_per_second_balanced; break;
    case Profile::fast: made.usd_per_second = routing.usd_per_second_fast; break;
    case Profile::cheap: made.usd_per_second = routing.usd_per_second_cheap; break;
  }
  if (turn == Turn::low) made.usd_per_second *= routing.low_priority_share;
  const bool background = request_class == Class::background;
  made.horizon = background ? routing.expected_calls_background : routing.expected_calls;
  return made;
}

}  // namespace tpool::route
