#include "core/sim/rival.hpp"

#include <algorithm>

#include "core/route/random.hpp"

namespace tpool::sim {
namespace {

constexpr double remembered = 3600;
constexpr double noise_mean = 1.0632;  // of LogN(1, .35)

}  // namespace

std::optional<Choice> best(const Call& call, std::vector<Endpoint>& endpoints, std::uint32_t tried,
                           route::Profile profile, double now) {
  const auto stakes = route::stakes(profile, call.request_class);
  const double v = stakes.usd_per_second;
  double held = 0;
  for (const auto& endpoint : endpoints) held = std::max(held, endpoint.cached(call, now));
  const double warm = held > 0 ? held : call.prompt;
  std::optional<Choice> found;
  double lowest = 0;
  for (int pass = 0; pass < 2 && !found; ++pass) {
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      // Tried ones again only when there is nobody else.
      if (pass == 0 && (tried >> i & 1)) continue;
      auto& endpoint = endpoints[i];
      const auto& own = deployments[i];
      const auto like = endpoint.now_like(now);
      if (!like.up) continue;
      const double crowd = endpoint.in_flight() / own.knee;
      const auto first_token = [&](double cached) {
        return like.slowness * (own.first_token * noise_mean * (1 + crowd * crowd) +
                                (call.prompt - cached) / own.prefill);
      };
      const auto cost = [&](double cached) {
        const double usd =
            like.price *
            ((call.prompt - cached) * own.input + cached * own.cached + call.output * own.output) /
            1e6;
        return usd + v * (first_token(cached) + call.output * like.slowness / own.decode);
      };
      const double today = cost(endpoint.cached(call, now));
      const double later = cost(like.caches ? warm : 0);
      const double patience =
          std::clamp(4 * first_token(endpoint.cached(call, now)) + 3, 8.0, 60.0);
      const double fails = like.errors + like.hangs;
      const double lost = like.errors * 1.0 + like.hangs * patience;
      // Everybody there waits longer for one more.
      const double congestion = v * endpoint.in_flight() * like.slowness * own.first_token *
                                noise_mean * (2 * endpoint.in_flight() + 1) / (own.knee * own.knee);
      const double wait = endpoint.ready_in(call, now);
      const double total =
          later + (today - later) / stakes.horizon + v * lost / (1 - fails) + congestion + v * wait;
      if (found && total >= lowest) continue;
      lowest = total;
      found = Choice{i, wait, patience};
    }
  }
  return found;
}

const route::Step& Rival::sticky(std::span<const route::Step* const> steps, const Call& call,
                                 double now) const {
  const auto last = last_.find(call.session);
  if (call.session != 0 && last != last_.end() && now - last->second.time < remembered)
    for (const auto* step : steps)
      if (step->candidate.provider->id[0] == last->second.deployment) return *step;
  return *steps.front();
}

void Rival::served(const Call& call, std::size_t deployment, double now) {
  if (call.session != 0) last_[call.session] = {deployments[deployment].id[0], now};
}

const route::Step& Rival::peak_ewma(std::span<const route::Step* const> steps, const Call& call,
                                    const route::Experience& experience, double now) const {
  route::Random random(route::mix(call.id, experience.turn));
  const auto draw = [&] {
    return steps[static_cast<std::size_t>(random.uniform() * static_cast<double>(steps.size()))];
  };
  const auto load = [&](const route::Step& step) {
    const auto& belief = experience.beliefs.of(step.candidate.hash());
    return belief.latency.value(now) * (belief.in_flight + 1);
  };
  const auto* one = draw();
  const auto* other = draw();
  return load(*one) <= load(*other) ? *one : *other;
}

}  // namespace tpool::sim
