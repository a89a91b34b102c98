#include "core/sim/endpoint.hpp"

#include <algorithm>
#include <cmath>

#include "core/route/random.hpp"

namespace tpool::sim {
namespace {

constexpr double refused_after = 0.15;
constexpr double unreachable_after = 0.3;
constexpr double error_after = 1.0;

}  // namespace

double Bucket::level(double now) {
  level_ = std::min(per_minute_, level_ + (now - at_) * per_minute_ / 60.0);
  at_ = now;
  return level_;
}

double Bucket::wait(double amount, double now) {
  const double missing = std::min(amount, per_minute_) - level(now);
  return missing <= 1e-9 ? 0.0 : missing * 60.0 / per_minute_;
}

void Bucket::take(double amount, double now) { level_ = level(now) - amount; }

void Bucket::limit(double per_minute, double now) {
  level(now);
  per_minute_ = per_minute;
  level_ = std::min(level_, per_minute);
}

Endpoint::Endpoint(Regime regime, std::size_t index, std::uint64_t seed)
    : regime_(regime),
      index_(index),
      seed_(seed),
      requests_(deployments[index].rpm),
      tokens_(deployments[index].tpm) {}

double Endpoint::cached(const Call& call, double now) const {
  if (!now_like(now).caches || call.session == 0) return 0;
  const auto kept = sessions_.find(call.session);
  if (kept != sessions_.end() && now - kept->second.read_at < cache_life)
    return std::min(kept->second.tokens, call.prompt);
  return now - shared_read_at_ < cache_life ? shared_prefix : 0;
}

double Endpoint::ready_in(const Call& call, double now) {
  const double limits = now_like(now).limits;
  const auto& own = deployments[index_];
  if (requests_.per_minute() != own.rpm * limits) {
    requests_.limit(own.rpm * limits, now);
    tokens_.limit(own.tpm * limits, now);
  }
  return std::max(requests_.wait(1, now), tokens_.wait(call.prompt + call.output, now));
}

void Endpoint::reserve(const Call& call, double now) {
  ready_in(call, now);  // brings the limits up to date
  requests_.take(1, now);
  tokens_.take(call.prompt + call.output, now);
}

Answer Endpoint::attempt(const Call& call, int tries, double now, double patience, bool reserved) {
  const auto& own = deployments[index_];
  const auto like = now_like(now);
  route::Random random(route::mix(route::mix(seed_, call.id), static_cast<std::uint64_t>(tries)));
  const double noise = random.log_normal(1, 0.35);
  const bool error = random.uniform() < like.errors;
  const bool hang = random.uniform() < like.hangs;
  const bool cut = random.uniform() < usual_cut;
  const double cut_at = random.uniform();
  ++in_flight_;
  Answer answer;
  const auto fails = [&](ir::Failure::Kind kind, double after) {
    answer.failed = kind;
    answer.took = std::min(after, patience);
    return answer;
  };
  if (!like.up) return fails(ir::Failure::Kind::unreachable, unreachable_after);
  const double wait = reserved ? 0.0 : ready_in(call, now);
  answer.allowance = Allowance{requests_.per_minute(), requests_.level(now), tokens_.per_minute(),
                               tokens_.level(now)};
  if (wait > 0) {
    answer.retry_after = wait;
    return fails(ir::Failure::Kind::rate_limited, refused_after);
  }
  if (!reserved) reserve(call, now);
  answer.allowance->requests_left = requests_.level(now);
  answer.allowance->tokens_left = tokens_.level(now);
  if (error) return fails(ir::Failure::Kind::overloaded, error_after);
  if (hang) return fails(ir::Failure::Kind::silent, patience);
  const double crowd = (in_flight_ - 1) / own.knee;
  const double known = cached(call, now);
  const double first = like.slowness * (own.first_token * noise * (1 + crowd * crowd) +
                                        (call.prompt - known) / own.prefill);
  if (first > patience) return fails(ir::Failure::Kind::silent, patience);
  if (call.session != 0) {
    sessions_[call.session] = {call.prompt, now};
    shared_read_at_ = now;
  }
  const double share = cut ? cut_at : 1.0;
  answer.committed = true;
  answer.first_token = first;
  answer.cached = known;
  answer.output = call.output * share;
  answer.took = first + answer.output * like.slowness / own.decode;
  answer.usd =
      like.price *
      ((call.prompt - known) * own.input + known * own.cached + answer.output * own.output) / 1e6;
  if (cut) answer.failed = ir::Failure::Kind::cut;
  return answer;
}

}  // namespace tpool::sim
