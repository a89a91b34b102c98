#include "core/route/order.hpp"

#include <algorithm>

#include "core/route/strategy.hpp"

namespace tpool::route {
namespace {

// The steps of one tier, all at the same place of the plan.
void order_tier(std::span<Step> steps, Strategy strategy, const Decision& decision,
                const Envelope& envelope, const Experience& experience) {
  const auto size = steps.size();
  std::vector<Contender> contenders(size);
  std::vector<PrefixIndex::Holder> holders(size);
  std::vector<std::uint32_t> places(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto& step = steps[i];
    auto& one = contenders[i];
    one.id = step.candidate.hash();
    one.belief = &experience.beliefs.of(one.id);
    one.lane = step.lane;
    one.weight = step.candidate.provider->stored->weight.value_or(1.0);
    if (step.paced_until) one.ready_in = std::max(0.0, seconds(*step.paced_until) - decision.now);
    if (step.facts) one.price = price_of(step.facts->cost);
    holders[i].credential = one.id;
  }
  experience.prefixes.look(envelope.prompt, holders, decision.now);
  for (std::size_t i = 0; i < size; ++i) contenders[i].held = holders[i].tokens;
  rank(strategy, contenders, decision, places);
  std::vector<Step> sorted;
  sorted.reserve(size);
  for (const auto place : places) {
    auto& step = steps[place];
    const auto& one = contenders[place];
    step.score_usd = strategy == Strategy::priced_affinity ? one.score : 0.0;
    step.held_tokens = one.held * one.belief->hit.value(decision.now);
    step.terms = one.terms;
    sorted.push_back(std::move(step));
  }
  std::ranges::move(sorted, steps.begin());
}

bool by_tier(const Step& one, const Step& other) {
  if (one.last_resort != other.last_resort) return other.last_resort;
  return one.tier < other.tier;
}

// Steps are large: they are moved only where they have to be.
template <class Less>
void sort(std::vector<Step>& steps, Less less) {
  if (!std::ranges::is_sorted(steps, less)) std::ranges::stable_sort(steps, less);
}

}  // namespace

void order_as_declared(std::vector<Step>& steps) {
  sort(steps, [](const Step& one, const Step& other) {
    if (by_tier(one, other) || by_tier(other, one)) return by_tier(one, other);
    return one.lane == Lane::relay && other.lane != Lane::relay;
  });
}

void order(Plan& plan, const Envelope& envelope, const config::Config& config,
           const Experience& experience, TimePoint now) {
  const auto& settings = config.settings;
  const auto strategy =
      parse_strategy(settings.strategy.value_or("")).value_or(Strategy::priced_affinity);
  const auto profile = parse_profile(settings.profile.value_or("")).value_or(Profile::balanced);
  plan.strategy = to_string(strategy);
  // Where waiting has a price, a limit that is used up for a moment is one more term.
  if (strategy == Strategy::priced_affinity)
    for (auto& step : plan.steps)
      if (step.paced_until && *step.paced_until <= now + believed_pace) step.last_resort = false;
  if (plan.steps.size() < 2 || strategy == Strategy::priority) return order_as_declared(plan.steps);
  sort(plan.steps, by_tier);
  Decision decision{.routing = config.routing};
  decision.prompt_tokens = static_cast<double>(envelope.prompt_tokens);
  decision.output_tokens = experience.beliefs.expected_output(envelope.request_class);
  decision.stakes =
      stakes(profile, envelope.request_class, envelope.priority().turn, config.routing);
  decision.now = seconds(now);
  decision.seed = mix(experience.seed, experience.turn);
  for (auto first = plan.steps.begin(); first != plan.steps.end();) {
    const auto last = std::find_if(first, plan.steps.end(), [&](const Step& step) {
      return step.tier != first->tier || step.last_resort != first->last_resort;
    });
    if (last - first > 1) order_tier({first, last}, strategy, decision, envelope, experience);
    first = last;
  }
}

Attempted began(Experience& experience, const Step& step) {
  Attempted made;
  made.candidate = step.candidate.hash();
  made.predicted_cached = step.held_tokens;
  made.in_flight = experience.beliefs.of(made.candidate).in_flight;
  experience.beliefs.started(made.candidate, ++experience.turn);
  return made;
}

void ended(Experience& experience, const Attempted& attempted, const Envelope& envelope,
           Outcome outcome, TimePoint now, const config::Routing& routing) {
  if (outcome.prompt_tokens <= 0)
    outcome.prompt_tokens = static_cast<double>(envelope.prompt_tokens);
  outcome.predicted_cached = attempted.predicted_cached;
  outcome.in_flight = attempted.in_flight;
  experience.beliefs.ended(attempted.candidate, outcome, now, routing);
  if (outcome.failed) return;
  if (outcome.output_tokens > 0)
    experience.beliefs.answered(envelope.request_class, outcome.output_tokens);
  experience.prefixes.note(envelope.prompt, attempted.candidate, envelope.prompt_life_s,
                           static_cast<double>(routing.least_cached_tokens), seconds(now));
}

}  // namespace tpool::route
