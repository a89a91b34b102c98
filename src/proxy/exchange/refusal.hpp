// What a client is told whose request nobody served: the cause, and when to come back.
//
// In our own words; each protocol says them in its shape. I/O thread only.
#pragma once

#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

// The last failure in the words of everything that was tried; with `besides` it is none of that.
ir::Failure told(const Exchange& exchange, ir::Failure failure, bool besides);

// For a plan without a step: why, and when the first candidate is ready again.
ir::Failure nobody(const route::Plan& plan, route::Operation operation);

// When the first of all candidates is ready again, which need not be the one that failed last.
void say_when(const Exchange& exchange, ir::Failure& failure);

}  // namespace tpool::exchange
