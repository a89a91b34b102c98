// Which step of the plan runs next, and the waiting when none can.
//
// pick() is a plain call: the first step that was not tried, is not barred since the plan was made,
// and has a slot; the slot is the exchange's permit then. One whose breaker is open counts only
// when there is no other. Only when every such step is full does somebody wait. I/O thread only.
#pragma once

#include "core/route/failure.hpp"
#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

struct Picked {
  enum class How { none, full, ready } how = How::none;
  std::size_t step = 0;
};
Picked pick(Exchange& exchange);

// Whether the step of a permit may run as it is by now.
bool is_open(const Exchange& exchange, std::size_t step);
// A step besides `current` that pick() might take, full or not.
bool has_others(const Exchange& exchange, std::size_t current);
// One of those takes a longer prompt than `current`.
bool has_larger_window(const Exchange& exchange, std::size_t current);
// Of the rest only those are left that do.
void pass_over_smaller(Exchange& exchange, std::size_t current);

bool was_tried(const Exchange& exchange, const route::Step& step);
// With every step tried, all of them may be tried again.
void forgive_tried(Exchange& exchange);

// Waits for the first free slot of the steps that are full, first come first served, until somebody
// else may be ready. Nullopt: `picked` is ready and the exchange has its permit, or none, and it is
// worth planning again; a Failure when the client left or its time is over.
net::Task<std::optional<ir::Failure>> wait_for_slot(Exchange& exchange, Picked& picked);

// Lets those plan first who wait for the same moment and came before.
net::Task<> give_way(Exchange& exchange);

// Waits until it is worth planning again, at `ready` or earlier, and no longer than the exchange's
// deadline. A Failure when the client left.
net::Task<std::optional<ir::Failure>> wait_for_change(Exchange& exchange, TimePoint ready);

route::Ask ask_of(const Exchange& exchange);

}  // namespace tpool::exchange
