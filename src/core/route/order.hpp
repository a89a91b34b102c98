// Who goes first among the steps of a plan: the settings' strategy within each tier. Last resorts
// go behind every tier.
//
// What was learned is an argument, and so is the number of the decision that chance is drawn
// from: asked twice, order() answers the same. Any thread, as long as `experience` stands still.
#pragma once

#include <cstdint>
#include <vector>

#include "core/route/belief.hpp"
#include "core/route/plan.hpp"
#include "core/route/prefix.hpp"
#include "core/route/sessions.hpp"

namespace tpool::route {

struct Experience {
  Beliefs beliefs = {};
  PrefixIndex prefixes{};
  Sessions sessions = {};
  std::uint64_t seed = 0;
  std::uint64_t turn = 1;  // counts decisions; the same turn draws the same
};

void order(Plan& plan, const Envelope& envelope, const config::Config& config,
           const Experience& experience, TimePoint now);

// As the store declares them, relay before translation: without anything learned, and for
// `priority`.
void order_as_declared(std::vector<Step>& steps);

// An attempt under way at a step of an ordered plan; began() counts a decision.
struct Attempted {
  std::uint64_t candidate = 0;
  double predicted_cached = 0;
  double in_flight = 0;  // others, when it began
};
Attempted began(Experience& experience, const Step& step);
// What became of it, for the next decisions.
void ended(Experience& experience, const Attempted& attempted, const Envelope& envelope,
           Outcome outcome, TimePoint now, const config::Routing& routing);

}  // namespace tpool::route
