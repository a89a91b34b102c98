// A pause that grows each time it did not help. Pure; any thread.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/types.hpp"

namespace tpool::route {

// `first`, `factor` times as long for every one of `times`, at most `longest`.
inline Milliseconds grown(Milliseconds first, double factor, int times, Milliseconds longest) {
  const auto span = static_cast<double>(first.count()) * std::pow(factor, std::clamp(times, 0, 64));
  const auto most = static_cast<double>(longest.count());
  return Milliseconds(static_cast<std::int64_t>(std::min(span, most)));
}

}  // namespace tpool::route
