// What waiting is worth and how far ahead to look, by profile, class and priority. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/config/routing.hpp"
#include "core/route/envelope.hpp"

namespace tpool::route {

enum class Profile { balanced, fast, cheap };

std::string_view to_string(Profile profile);
std::optional<Profile> parse_profile(std::string_view text);

struct Stakes {
  double usd_per_second = 0;  // the price of a second of waiting
  double horizon = 1;         // calls still expected, over which a cold cache is spread
};

// The time of a request of low priority is worth a share; a background one has no call after it.
Stakes stakes(Profile profile, Class request_class, Turn turn,
              const config::Routing& routing = config::default_routing);
inline Stakes stakes(Profile profile, Class request_class) {
  return stakes(profile, request_class, turn_of(request_class));
}

}  // namespace tpool::route
