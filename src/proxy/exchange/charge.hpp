// What an attempt cost, told to the budgets it counts for.
//
// By the usage its provider reported and the price its plan was made with; a failed attempt counts
// where it was billed. Without budgets nothing is done. I/O thread only.
#pragma once

#include <optional>

#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

// The attempt at `step` ended `now`; `failure` when it did not serve.
void charge(Exchange& exchange, const route::Step& step, const std::optional<ir::Failure>& failure,
            TimePoint now);

}  // namespace tpool::exchange
