// Selection around one exchange: its plan in order, and what its attempts teach. I/O thread only.
#pragma once

#include "core/route/failure.hpp"
#include "core/route/order.hpp"
#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

// Puts the steps in the order of the settings' strategy. With nothing to choose, nothing is done.
net::Task<> order(Exchange& exchange, route::Plan& plan, TimePoint now);

// What the attempt that began at `began` says of its candidate; `verdict` when it failed.
void learn(Exchange& exchange, const route::Attempted& attempted, Instant began,
           const route::Verdict* verdict);

}  // namespace tpool::exchange
