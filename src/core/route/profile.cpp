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

Stakes stakes(Profile profile, Class request_class, Turn turn) {
  Stakes made;
  switch (profile) {
    case Profile::balanced: made.usd_per_second = 0.005; break;
    case Profile::fast: made.usd_per_second = 0.02; break;
    case Profile::cheap: made.usd_per_second = 0.001; break;
  }
  if (turn == Turn::low) made.usd_per_second /= 10.0;
  if (request_class == Class::background) made.horizon = 1;
  return made;
}

}  // namespace tpool::route
