#include "core/route/belief.hpp"

#include <algorithm>
#include <cmath>

namespace tpool::route {
namespace {

// Weight of the prior against observations, each of which weighs one.
constexpr std::array<double, 3> stiffness{0.3, 4.0, 2.0};
// A belief nobody renews is half forgotten after this.
constexpr double first_token_half_life = 600;
// What a failure costs is learned fast: there are few of them.
constexpr double recovery_step = 0.3;
constexpr double per_request_in_flight = 0.05;

double half(double elapsed, double half_life) {
  return std::exp2(-std::max(0.0, elapsed) / half_life);
}

}  // namespace

double seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

FirstToken::Weights FirstToken::prior(const config::Routing& routing) {
  return {config::in_seconds(routing.assumed_first_token),
          config::in_seconds(routing.assumed_per_ktok), per_request_in_flight};
}

double FirstToken::predict(double uncached_ktok, double in_flight, double now,
                           const config::Routing& routing) const {
  const auto assumed = prior(routing);
  const double kept = at_ > 0 ? half(now - at_, first_token_half_life) : 0.0;
  const auto weight = [&](std::size_t i) { return assumed[i] + kept * (weights_[i] - assumed[i]); };
  return std::max(0.05, weight(0) + weight(1) * uncached_ktok + weight(2) * in_flight);
}

void FirstToken::learn(double uncached_ktok, double in_flight, double took, double now,
                       const config::Routing& routing) {
  const std::array<double, 3> x{1.0, uncached_ktok, in_flight};
  const double kept =
      routing.first_token_memory * (at_ > 0 ? half(now - at_, first_token_half_life) : 1.0);
  // Errors count relative to the size, but what is slow must still outweigh the prior.
  const double size = std::min(took, predict(uncached_ktok, in_flight, now, routing) * 3);
  const double scale = std::clamp(size, 0.25, 5.0);
  const double weight = 1.0 / (scale * scale);
  std::size_t k = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j, ++k) gram_[k] = kept * gram_[k] + weight * x[i] * x[j];
    moment_[i] = kept * moment_[i] + weight * x[i] * took;
  }
  at_ = now;
  solve(prior(routing));
}

// Cramer's rule on the symmetric 3 x 3 system; the ridge keeps it well posed.
void FirstToken::solve(const Weights& prior) {
  const double a = gram_[0] + stiffness[0], b = gram_[1], c = gram_[2];
  const double d = gram_[3] + stiffness[1], e = gram_[4], f = gram_[5] + stiffness[2];
  std::array<double, 3> y{};
  for (std::size_t i = 0; i < 3; ++i) y[i] = moment_[i] + stiffness[i] * prior[i];
  const double da = d * f - e * e, db = b * f - c * e, dc = b * e - c * d;
  const double det = a * da - b * db + c * dc;
  weights_[0] = (da * y[0] - db * y[1] + dc * y[2]) / det;
  weights_[1] = (-db * y[0] + (a * f - c * c) * y[1] - (a * e - b * c) * y[2]) / det;
  weights_[2] = (dc * y[0] - (a * e - b * c) * y[1] + (a * d - b * b) * y[2]) / det;
  // More to read or more company never makes an answer faster.
  weights_[1] = std::max(0.0, weights_[1]);
  weights_[2] = std::max(0.0, weights_[2]);
}

double Failures::faded(double now, const config::Routing& routing) const {
  return half(now - at_, config::in_seconds(routing.failure_half_life));
}

double Failures::mean(double now, const config::Routing& routing) const {
  const double kept = faded(now, routing);
  const double a = routing.assumed_failures + kept * failed_;
  return a / (a + routing.assumed_successes + kept * served_);
}

double Failures::draw(Random& random, double now, const config::Routing& routing) const {
  const double kept = faded(now, routing);
  return random.beta(routing.assumed_failures + kept * failed_,
                     routing.assumed_successes + kept * served_);
}

void Failures::learn(bool failed, double now, const config::Routing& routing) {
  const double kept = faded(now, routing);
  failed_ = kept * failed_ + (failed ? 1.0 : 0.0);
  served_ = kept * served_ + (failed ? 0.0 : 1.0);
  at_ = now;
}

double Average::value(double now) const {
  return at_ > 0 ? prior_ + half(now - at_, half_life_) * (value_ - prior_) : prior_;
}

void Average::learn(double seen, double step, double now) {
  const double before = value(now);
  value_ =
      known() ? before + step * (seen - before) : before + std::max(step, 0.5) * (seen - before);
  at_ = now;
}

const Belief& Beliefs::of(std::uint64_t candidate) const {
  static const Belief nothing;
  const auto found = by_candidate_.find(candidate);
  return found == by_candidate_.end() ? nothing : found->second;
}

void Beliefs::started(std::uint64_t candidate, std::uint64_t turn) {
  // Candidates of stores long gone make room.
  if (by_candidate_.size() >= most && !by_candidate_.contains(candidate))
    std::erase_if(by_candidate_, [](const auto& one) { return one.second.in_flight == 0; });
  auto& belief = by_candidate_[candidate];
  ++belief.in_flight;
  belief.last_turn = turn;
}

void Beliefs::ended(std::uint64_t candidate, const Outcome& outcome, TimePoint time,
                    const config::Routing& routing) {
  const double now = seconds(time);
  const double step = routing.average_step;
  auto& belief = by_candidate_[candidate];
  belief.in_flight = std::max(0, belief.in_flight - 1);
  if (outcome.counted) belief.failures.learn(outcome.failed, now, routing);
  if (outcome.failed) {
    if (outcome.counted) belief.recovery.learn(outcome.total_s, recovery_step, now);
    return;
  }
  const auto least = static_cast<double>(std::max<std::int64_t>(1, routing.least_cached_tokens));
  if (outcome.reported_cached >= 0 && outcome.predicted_cached >= least)
    belief.hit.learn(std::min(1.0, outcome.reported_cached / outcome.predicted_cached), step, now);
  if (outcome.first_token_s < 0) return;
  const double cached =
      outcome.reported_cached >= 0 ? outcome.reported_cached : outcome.predicted_cached;
  const double uncached = std::max(0.0, outcome.prompt_tokens - cached) / 1000.0;
  belief.first_token.learn(uncached, outcome.in_flight, outcome.first_token_s, now, routing);
  belief.latency.learn(outcome.first_token_s, step, now);
  const double speaking = outcome.total_s - outcome.first_token_s;
  if (outcome.output_tokens >= 16 && speaking > 0.01)
    belief.tokens_per_second.learn(outcome.output_tokens / speaking, step, now);
}

double Beliefs::expected_output(Class request_class) const {
  return output_[static_cast<std::size_t>(request_class)];
}

void Beliefs::answered(Class request_class, double output_tokens) {
  auto& expected = output_[static_cast<std::size_t>(request_class)];
  expected += 0.02 * (std::clamp(output_tokens, 1.0, 20'000.0) - expected);
}

}  // namespace tpool::route
