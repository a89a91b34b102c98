#include "core/route/belief.hpp"

#include <algorithm>
#include <cmath>

namespace tpool::route {
namespace {

// Weight of the prior against observations, each of which weighs one.
constexpr std::array<double, 3> stiffness{0.3, 4.0, 2.0};
constexpr double kept_per_observation = 0.95;
// A belief nobody renews is half forgotten after this.
constexpr double first_token_half_life = 600;
constexpr double failures_half_life = 90;
constexpr double prior_failed = 0.15;
constexpr double prior_served = 6;

double half(double elapsed, double half_life) {
  return std::exp2(-std::max(0.0, elapsed) / half_life);
}

}  // namespace

double seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

double FirstToken::predict(double uncached_ktok, double in_flight, double now) const {
  const double kept = at_ > 0 ? half(now - at_, first_token_half_life) : 0.0;
  const auto weight = [&](std::size_t i) { return prior[i] + kept * (weights_[i] - prior[i]); };
  return std::max(0.05, weight(0) + weight(1) * uncached_ktok + weight(2) * in_flight);
}

void FirstToken::learn(double uncached_ktok, double in_flight, double took, double now) {
  const std::array<double, 3> x{1.0, uncached_ktok, in_flight};
  const double kept =
      kept_per_observation * (at_ > 0 ? half(now - at_, first_token_half_life) : 1.0);
  // Errors count relative to the size, but what is slow must still outweigh the prior.
  const double size = std::min(took, predict(uncached_ktok, in_flight, now) * 3);
  const double scale = std::clamp(size, 0.25, 5.0);
  const double weight = 1.0 / (scale * scale);
  std::size_t k = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j, ++k) gram_[k] = kept * gram_[k] + weight * x[i] * x[j];
    moment_[i] = kept * moment_[i] + weight * x[i] * took;
  }
  at_ = now;
  solve();
}

// Cramer's rule on the symmetric 3 x 3 system; the ridge keeps it well posed.
void FirstToken::solve() {
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

double Failures::faded(double now) const { return half(now - at_, failures_half_life); }

double Failures::mean(double now) const {
  const double kept = faded(now);
  const double a = prior_failed + kept * failed_;
  return a / (a + prior_served + kept * served_);
}

double Failures::draw(Random& random, double now) const {
  const double kept = faded(now);
  return random.beta(prior_failed + kept * failed_, prior_served + kept * served_);
}

void Failures::learn(bool failed, double now) {
  const double kept = faded(now);
  failed_ = kept * failed_ + (failed ? 1.0 : 0.0);
  served_ = kept * served_ + (failed ? 0.0 : 1.0);
  at_ = now;
}

double Average::value(double now) const {
  return at_ > 0 ? prior_ + half(now - at_, half_life_) * (value_ - prior_) : prior_;
}

void Average::learn(double seen, double now) {
  const double before = value(now);
  value_ =
      known() ? before + step_ * (seen - before) : before + std::max(step_, 0.5) * (seen - before);
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

void Beliefs::ended(std::uint64_t candidate, const Outcome& outcome, TimePoint time) {
  const double now = seconds(time);
  auto& belief = by_candidate_[candidate];
  belief.in_flight = std::max(0, belief.in_flight - 1);
  if (outcome.counted) belief.failures.learn(outcome.failed, now);
  if (outcome.failed) {
    if (outcome.counted) belief.recovery.learn(outcome.total_s, now);
    return;
  }
  if (outcome.reported_cached >= 0 && outcome.predicted_cached >= 1024)
    belief.hit.learn(std::min(1.0, outcome.reported_cached / outcome.predicted_cached), now);
  if (outcome.first_token_s < 0) return;
  const double cached =
      outcome.reported_cached >= 0 ? outcome.reported_cached : outcome.predicted_cached;
  const double uncached = std::max(0.0, outcome.prompt_tokens - cached) / 1000.0;
  belief.first_token.learn(uncached, outcome.in_flight, outcome.first_token_s, now);
  belief.latency.learn(outcome.first_token_s, now);
  const double speaking = outcome.total_s - outcome.first_token_s;
  if (outcome.output_tokens >= 16 && speaking > 0.01)
    belief.tokens_per_second.learn(outcome.output_tokens / speaking, now);
}

double Beliefs::expected_output(Class request_class) const {
  return output_[static_cast<std::size_t>(request_class)];
}

void Beliefs::answered(Class request_class, double output_tokens) {
  auto& expected = output_[static_cast<std::size_t>(request_class)];
  expected += 0.02 * (std::clamp(output_tokens, 1.0, 20'000.0) - expected);
}

}  // namespace tpool::route
