// What an endpoint stands for. Plain values.
#pragma once

#include <string_view>

#include "core/route/envelope.hpp"
#include "core/types.hpp"
#include "proxy/cache/turns.hpp"

namespace tpool::inbound {

struct Endpoint {
  Protocol protocol;  // spoken there, errors and refusals included
  route::Operation operation = route::Operation::generate;
  std::string_view path = {};  // below a provider's base URL, where that is not generation's
  // One connection's own turns: looked in first, and kept whatever the request says.
  cache::Turns* turns = nullptr;
};

}  // namespace tpool::inbound
