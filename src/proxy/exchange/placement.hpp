// Selection around one exchange: its plan in order, and what its attempts teach. I/O thread only.
#pragma once

#include "core/route/failure.hpp"
#include "core/route/order.hpp"
#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

// Puts the steps in the order of the settings' strategy. With nothing to choose, nothing is done.
net::Task<> order(Exchange& exchange, route::Plan& plan, TimePoint now);

// How long the first content of this attempt may take: some times what is
// believed, within bounds. Nullopt when the provider's own limits alone count: nobody else could
// serve, the store says so, or the model may think in silence.
std::optional<Milliseconds> content_limit(const Exchange& exchange, const route::Step& step,
                                          bool others);

// What the attempt between `began` and `ended`, which is `now`, says of its candidate; `verdict`
// when it failed.
void learn(Exchange& exchange, const route::Attempted& attempted, Instant began, Instant ended,
           TimePoint now, const route::Verdict* verdict);

}  // namespace tpool::exchange
