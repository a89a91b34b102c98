#include "core/sim/proxy.hpp"

#include <algorithm>
#include <limits>

namespace tpool::sim {
namespace {

constexpr double baseline_patience = 60;

route::Ask ask_of(const Job& job, double now) {
  return {at(now), job.envelope.estimated_tokens(), job.envelope.low_stake()};
}

// What the fields of a head say.
route::RateReports reports(const Allowance& allowance) {
  const auto report = [](double limit, double left) {
    return route::RateReport{
        static_cast<std::int64_t>(limit), static_cast<std::int64_t>(std::max(0.0, left)),
        Milliseconds(static_cast<std::int64_t>((limit - left) / limit * 60'000))};
  };
  return {report(allowance.request_limit, allowance.requests_left),
          report(allowance.token_limit, allowance.tokens_left)};
}

ir::Failure failure_of(const Answer& answer) {
  ir::Failure failure;
  failure.kind = *answer.failed;
  if (failure.kind == ir::Failure::Kind::overloaded) failure.status = 503;
  if (failure.kind == ir::Failure::Kind::rate_limited) failure.status = 429;
  if (answer.retry_after >= 0)
    failure.retry_after = Milliseconds(static_cast<std::int64_t>(answer.retry_after * 1000) + 1);
  return failure;
}

}  // namespace

Proxy::Proxy(std::uint64_t seed, Regime regime, route::Profile profile,
             const Contestant& contestant, Caps caps)
    : regime_(regime), profile_(profile), contestant_(contestant), caps_(caps) {
  experience_.seed = seed;
  use(0);
}

void Proxy::reprice(double now) {
  if (regime_ != Regime::price) return;
  const int era = now < trouble_begins ? 0 : now < trouble_ends ? 1 : 2;
  if (era == era_) return;
  era_ = era;
  use(now);
}

void Proxy::use(double now) {
  pool_ = make_pool(regime_, now, contestant_.strategy, profile_, caps_);
  deployments_.configure(*pool_->config, at(now));
}

route::Deployment& Proxy::deployment(std::size_t index) {
  return deployments_.at({deployments[index].id, {}, model_name});
}

std::optional<double> Proxy::plan(Job& job, double now) {
  constexpr double never = std::numeric_limits<double>::infinity();
  auto made = route::plan(*pool_, job.envelope, deployments_, at(now), &experience_);
  if (!made) return never;
  job.pool = pool_;
  job.plan = std::move(*made);
  if (!job.plan.steps.empty()) return std::nullopt;
  const auto ready = job.plan.earliest();
  return ready ? since_epoch(*ready) : never;
}

bool Proxy::open(const Job& job, std::size_t index, double now) {
  const auto look = deployments_.look(deployment(index).where(), ask_of(job, now));
  return !look.bar || look.bar->soft;
}

double Proxy::patience(const Job& job, const route::Step& step, double now) const {
  if (!contestant_.ships()) return baseline_patience;
  return route::first_content_limit(experience_.beliefs.of(step.candidate.hash()),
                                    job.call.prompt - step.held_tokens, route::seconds(at(now)),
                                    pool_->config->routing);
}

void Proxy::began(Job& job, const route::Step& step, double now) {
  job.attempted = route::began(experience_, step);
  auto& one = deployment(job.chosen);
  job.running = deployments_.began(one, ask_of(job, now));
  if (contestant_.ships() && job.answer.allowance)
    deployments_.learned(one, reports(*job.answer.allowance), at(now));
}

route::Verdict Proxy::ended(Job& job, double now) {
  if (contestant_.kind == Contestant::Kind::oracle)
    return job.answer.failed ? judged(job, {}, now) : route::Verdict();
  learn(job, now);
  const auto time = at(now);
  auto& one = deployment(job.chosen);
  route::Verdict verdict;
  if (job.answer.failed) {
    verdict = judged(job, deployments_.past(one, time), now);
    route::Verdict hint;
    hint.hold = verdict.hold;
    deployments_.failed(one, job.running, contestant_.ships() ? verdict : hint, time);
    if (verdict.charged && contestant_.ships()) retries_.spend(time);
  } else {
    const auto used = static_cast<std::int64_t>(job.call.prompt + job.answer.output);
    deployments_.succeeded(one, job.running, used, time);
  }
  if (contestant_.ships()) one.slots.release(time);
  return verdict;
}

route::Verdict Proxy::judged(Job& job, const route::Past& past, double now) {
  const auto failure = failure_of(job.answer);
  if (failure.kind == ir::Failure::Kind::silent) ++job.after_send;
  // Of six deployments another one is always left.
  const route::Tries tries{job.attempts,
                           job.after_send,
                           job.answer.committed,
                           true,
                           0,
                           0,
                           retries_.has_room(at(now), pool_->config->routing)};
  return route::judge(failure, {pool_->config->routing}, tries, past, at(now), job.call.id);
}

void Proxy::learn(const Job& job, double now) {
  const auto& answer = job.answer;
  route::Outcome outcome;
  outcome.failed = answer.failed.has_value();
  outcome.counted = answer.failed != ir::Failure::Kind::rate_limited;
  outcome.first_token_s = answer.first_token;
  outcome.total_s = answer.took;
  outcome.output_tokens = answer.output;
  if (answer.committed) outcome.reported_cached = answer.cached;
  route::ended(experience_, job.attempted, job.envelope, outcome, at(now), pool_->config->routing);
}

}  // namespace tpool::sim
