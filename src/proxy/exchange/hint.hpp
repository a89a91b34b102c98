// A provider's own word in a head about its limits, and when to come back. Pure but for the clock.
// Any thread; note_limits() on the I/O thread only.
#pragma once

#include <optional>

#include "core/route/pacing.hpp"
#include "core/types.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/head.hpp"

namespace tpool::exchange {

// What it says of its limits: x-ratelimit-{limit,remaining,reset}-{requests,tokens}, the same by
// the minute, hour or day (-requests-day), the same without a kind, and
// anthropic-ratelimit-{requests, tokens,input-tokens,output-tokens}-{limit,remaining,reset}; of
// several windows the one with the least left. A reset is "1s", "6m0s", "20ms", seconds, a moment
// in seconds or milliseconds, or an RFC 3339 date.
route::RateReports rate_reports(const net::Head& head,
                                TimePoint now = std::chrono::system_clock::now());

// retry-after-ms, Retry-After (seconds or an HTTP date, RFC 9110 section 10.2.3), then the reset of
// the limit that is used up, or of one that a 429 names without saying what is left. At most
// route::longest_hint.
std::optional<Milliseconds> retry_hint(const net::Head& head,
                                       TimePoint now = std::chrono::system_clock::now());

// Remembers what the head says of the limits of whoever holds the permit; a head that says nothing
// costs one look at each name.
void note_limits(gate::Permit& permit, const net::Head& head);

}  // namespace tpool::exchange
