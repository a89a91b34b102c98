// A provider's own word in a head about when to come back. Pure but for the clock; any thread.
#pragma once

#include <optional>

#include "core/types.hpp"
#include "proxy/net/head.hpp"

namespace tpool::exchange {

// retry-after-ms, Retry-After (seconds or an HTTP date, RFC 9110 section 10.2.3), then the
// x-ratelimit-reset-* family ("1s", "6m0s", "20ms", epoch seconds). At most 24 h.
std::optional<Milliseconds> retry_hint(const net::Head& head,
                                       TimePoint now = std::chrono::system_clock::now());

}  // namespace tpool::exchange
