// What an answer cost, from the provider's reported usage and the model's known prices. Any thread.
#pragma once

#include <optional>

#include "core/catalog/facts.hpp"
#include "core/ir/event.hpp"

namespace tpool::observe {

// USD. Nullopt when the price of any kind of token that was used is unknown. Cached tokens without
// a price of their own are charged as fresh ones: the safe side of a bill.
std::optional<double> cost_of(const config::Cost& price, const ir::Usage& usage);

}  // namespace tpool::observe
