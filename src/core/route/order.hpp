// Who goes first among the steps of a plan: the settings' strategy within each tier.
//
// What was experience is an argument, and so is the number of the decision that chance is drawn
// from: asked twice, order() answers the same. Any thread, as long as `experience` stands still.
#pragma once

#include <cstdint>
#include <vector>

#include "core/route/belief.hpp"
#include "core/route/plan.hpp"
#include "core/route/prefix.hpp"

namespace tpool::route {

struct Experience {
  Beliefs beliefs = {};
  PrefixIndex prefixes{};
  std::uint64_t seed = 0;
  std::uint64_t turn = 1;  // counts decisions; the same turn draws the same
};

void order(Plan& plan, const Envelope& envelope, const config::Settings& settings,
           const Experience& experience, TimePoint now);

// As the store declares them, relay before translation: without anything experience, and for
// `priority`.
void order_as_declared(std::vector<Step>& steps);

// What became of one attempt, for the next decisions. `attempted` is a step of an ordered plan.
struct Attempted {
  std::uint64_t candidate = 0;
  double prompt_tokens = 0;
  double predicted_cached = 0;
  double in_flight = 0;  // others, when it began
};
Attempted began(Experience& experience, const Step& step, const Envelope& envelope);
// `life`: how long, in seconds, the provider keeps the prompt.
void ended(Experience& experience, const Attempted& attempted, const Envelope& envelope,
           Outcome outcome, double life, TimePoint now);

}  // namespace tpool::route
