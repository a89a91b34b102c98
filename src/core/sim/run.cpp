#include "core/sim/run.hpp"

#include <algorithm>
#include <memory>
#include <queue>

#include "core/route/deployments.hpp"
#include "core/route/order.hpp"
#include "core/route/retry_budget.hpp"
#include "core/sim/endpoint.hpp"
#include "core/sim/rival.hpp"

namespace tpool::sim {
namespace {

using Kind = Contestant::Kind;

// The moment a run begins, on a clock that tells no real time.
constexpr TimePoint epoch{std::chrono::seconds(1'000'000'000)};
constexpr double longest_wait = 60;
constexpr double baseline_patience = 60;
constexpr int baseline_attempts = 3;

TimePoint at(double now) {
  return epoch +
         std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(now));
}

double since_epoch(TimePoint time) { return std::chrono::duration<double>(time - epoch).count(); }

// A call on its way to an answer.
struct Job {
  Call call;
  std::size_t seat = 0;
  bool beside = false;  // a one-shot: its seat does not wait for it
  double asked = 0;
  int attempts = 0;
  int after_send = 0;
  std::uint32_t tried = 0;  // bit per deployment
  std::size_t chosen = 0;
  double patience = 0;
  route::Envelope envelope = {};
  route::Attempted attempted = {};
  route::Running running = {};
  Answer answer = {};
};

struct Event {
  enum class What { ask, choose, reserved, ended };
  double time = 0;
  std::uint64_t order = 0;
  What what = What::ask;
  std::shared_ptr<Job> job;
  bool operator>(const Event& other) const {
    return time != other.time ? time > other.time : order > other.order;
  }
};

class Run {
 public:
  Run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant)
      : seed_(seed), regime_(regime), profile_(profile), contestant_(contestant) {
    experience_.seed = seed;
    for (std::size_t i = 0; i < deployments.size(); ++i) {
      endpoints_.emplace_back(regime, i, seed);
    }
    use(make_pool(regime, 0, contestant.strategy, profile), 0);
  }

  Tally go() {
    double peak = 0;
    for (double t = 0; t < run_length; t += 60) peak = std::max<double>(peak, sessions(regime_, t));
    for (std::size_t i = 0; i < static_cast<std::size_t>(peak); ++i) {
      seats_.emplace_back(seed_, i);
      const bool always = static_cast<int>(i) < sessions(regime_, 0);
      ask_next(i, always ? 0 : trouble_begins);
    }
    while (!events_.empty()) {
      auto event = events_.top();
      events_.pop();
      const double now = event.time;
      reprice(now);
      switch (event.what) {
        case Event::What::ask:
          event.job->asked = now;
          ++tally_.calls;
          retries_.request(at(now));
          choose(event.job, now);
          break;
        case Event::What::choose: choose(event.job, now); break;
        case Event::What::reserved:
          attempt(event.job, event.job->chosen, now, event.job->patience);
          break;
        case Event::What::ended: ended(event.job, now); break;
      }
    }
    return tally_;
  }

 private:
  bool ships() const { return contestant_.kind == Kind::shipped; }

  static route::Ask ask_of(const Job& job, double now) {
    return {at(now), job.envelope.estimated_tokens(), job.envelope.low_stake()};
  }

  // What the fields of a head say.
  static route::RateReports reports(const Allowance& allowance) {
    const auto report = [](double limit, double left) {
      return route::RateReport{
          static_cast<std::int64_t>(limit), static_cast<std::int64_t>(std::max(0.0, left)),
          Milliseconds(static_cast<std::int64_t>((limit - left) / limit * 60'000))};
    };
    return {report(allowance.request_limit, allowance.requests_left),
            report(allowance.token_limit, allowance.tokens_left)};
  }

  void schedule(double time, Event::What what, std::shared_ptr<Job> job) {
    events_.push({time, ++scheduled_, what, std::move(job)});
  }

  void ask_next(std::size_t seat, double now) {
    auto next = seats_[seat].next();
    const double time = now + next.pause;
    if (time >= run_length || static_cast<int>(seat) >= sessions(regime_, time)) return;
    const auto ask = [&](const Call& call, bool beside) {
      auto job = std::make_shared<Job>();
      job->call = call;
      job->seat = seat;
      job->beside = beside;
      describe(*job);
      schedule(time, Event::What::ask, std::move(job));
    };
    ask(next.call, false);
    if (next.with_one_shot) ask(next.one_shot, true);
    history_.resize(seats_.size());
  }

  // What the proxy would know of the request.
  void describe(Job& job) {
    auto& envelope = job.envelope;
    envelope.model = model_name;
    envelope.bytes = static_cast<std::size_t>(job.call.prompt * 4);
    envelope.prompt_tokens = static_cast<std::int64_t>(job.call.prompt);
    envelope.request_class = job.call.request_class;
    envelope.stream = true;
    envelope.session = std::to_string(job.call.session);
    history_.resize(seats_.size());
    if (job.call.session == 0) {
      envelope.prompt = {{job.call.id, job.call.prompt}};
      return;
    }
    auto& history = history_[job.seat];
    if (job.call.number == 1) history = {{route::mix(seed_), shared_prefix}};
    history.push_back({route::mix(job.call.session, static_cast<std::uint64_t>(job.call.number)),
                       job.call.prompt});
    envelope.prompt = history;
  }

  // A store with other prices is another pool.
  void reprice(double now) {
    if (regime_ != Regime::price) return;
    const int era = now < trouble_begins ? 0 : now < trouble_ends ? 1 : 2;
    if (era == era_) return;
    era_ = era;
    use(make_pool(regime_, now, contestant_.strategy, profile_), now);
  }

  void use(std::shared_ptr<const catalog::Pool> pool, double now) {
    pool_ = std::move(pool);
    health_.configure(*pool_->config, at(now));
  }

  route::Deployment& health_of(std::size_t index) {
    return health_.at({deployments[index].id, {}, model_name});
  }

  void choose(const std::shared_ptr<Job>& job, double now) {
    if (contestant_.kind == Kind::oracle) {
      const auto choice = best(job->call, endpoints_, job->tried, profile_, now);
      if (!choice) return fail(job, now);
      if (choice->wait > longest_wait) return fail(job, now);
      // It knows the queue it joins: its place there is taken at once.
      endpoints_[choice->deployment].reserve(job->call, now);
      job->chosen = choice->deployment;
      job->patience = choice->patience;
      return schedule(now + choice->wait, Event::What::reserved, job);
    }
    const auto time = at(now);
    const auto made = route::plan(*pool_, job->envelope, health_, time, &experience_);
    if (!made || made->steps.empty()) {
      const auto ready = made ? made->earliest() : std::nullopt;
      if (!ready) return fail(job, now);
      return wait(job, now, since_epoch(*ready));
    }
    if (const auto later = made->better_later(time); later && now - job->asked < longest_wait)
      return wait(job, now, since_epoch(*later));
    const auto& step = pick(*made, *job, now);
    const auto chosen = index_of(step);
    const auto& belief = experience_.beliefs.of(step.candidate.hash());
    const double patience =
        ships() ? route::first_content_limit(belief, job->call.prompt - step.held_tokens,
                                             route::seconds(time))
                : baseline_patience;
    job->attempted = route::began(experience_, step);
    attempt(job, chosen, now, patience);
  }

  const route::Step& pick(const route::Plan& plan, const Job& job, double now) {
    std::vector<const route::Step*> steps;
    for (const auto& step : plan.steps)
      if (!(job.tried >> index_of(step) & 1)) steps.push_back(&step);
    if (steps.empty())
      for (const auto& step : plan.steps) steps.push_back(&step);
    if (contestant_.kind == Kind::sticky) return rival_.sticky(steps, job.call, now);
    if (contestant_.kind == Kind::peak_ewma)
      return rival_.peak_ewma(steps, job.call, experience_, route::seconds(at(now)));
    return *steps.front();
  }

  static std::size_t index_of(const route::Step& step) {
    return static_cast<std::size_t>(step.candidate.provider->id[0] - 'a');
  }

  void attempt(const std::shared_ptr<Job>& job, std::size_t chosen, double now, double patience) {
    ++tally_.attempts;
    ++job->attempts;
    job->tried |= 1U << chosen;
    job->chosen = chosen;
    job->answer = endpoints_[chosen].attempt(job->call, job->attempts, now, patience,
                                             contestant_.kind == Kind::oracle);
    if (contestant_.kind != Kind::oracle) {
      auto& health = health_of(chosen);
      job->running = health_.began(health, ask_of(*job, now));
      if (ships()) health.slots.try_take();
      if (ships() && job->answer.allowance)
        health_.learned(health, reports(*job->answer.allowance), at(now));
    }
    schedule(now + job->answer.took, Event::What::ended, job);
  }

  void ended(const std::shared_ptr<Job>& job, double now) {
    auto& answer = job->answer;
    endpoints_[job->chosen].finished();
    learn(*job, now);
    tally_.usd += answer.usd;
    const auto verdict = judged(*job, now);
    if (!answer.failed || answer.committed) {
      const bool whole = !answer.failed;
      ++(whole ? tally_.served : tally_.cut);
      tally_.prompt_tokens += job->call.prompt;
      tally_.cached_tokens += answer.cached;
      if (whole && contestant_.kind == Kind::sticky) rival_.served(job->call, job->chosen, now);
      return close(job, now);
    }
    // One that said when to come back is tried again then.
    if (ships() && verdict.hold) job->tried &= ~(1U << job->chosen);
    const bool more = contestant_.kind == Kind::baseline || contestant_.kind == Kind::sticky ||
                              contestant_.kind == Kind::peak_ewma
                          ? job->attempts < baseline_attempts
                          : verdict.next != route::Next::stop;
    if (!more) return fail(job, now);
    if (verdict.next == route::Next::again && ships()) {
      job->tried &= ~(1U << job->chosen);
      const double backoff = std::chrono::duration<double>(verdict.backoff).count();
      return schedule(now + backoff, Event::What::choose, job);
    }
    choose(job, now);
  }

  // What the shipped table says, and what is remembered of it. Of baselines, only hints are.
  route::Verdict judged(Job& job, double now) {
    const auto& answer = job.answer;
    const auto time = at(now);
    const bool oracle = contestant_.kind == Kind::oracle;
    route::Deployment* health = oracle ? nullptr : &health_of(job.chosen);
    if (health && ships()) health->slots.release(time);
    if (!answer.failed) {
      if (health)
        health_.succeeded(*health, job.running,
                          static_cast<std::int64_t>(job.call.prompt + answer.output), time);
      return {};
    }
    ir::Failure failure;
    failure.kind = *answer.failed;
    if (failure.kind == ir::Failure::Kind::overloaded) failure.status = 503;
    if (failure.kind == ir::Failure::Kind::rate_limited) failure.status = 429;
    if (answer.retry_after >= 0)
      failure.retry_after = Milliseconds(static_cast<std::int64_t>(answer.retry_after * 1000) + 1);
    if (failure.kind == ir::Failure::Kind::silent) ++job.after_send;
    const route::Tries tries{job.attempts,           job.after_send, answer.committed, true, 0, 0,
                             retries_.has_room(time)};
    const auto past = health ? health_.past(*health, time) : route::Past{};
    auto verdict = route::judge(failure, {}, tries, past, time, job.call.id);
    if (verdict.charged && ships()) retries_.spend(time);
    if (health && ships()) {
      health_.failed(*health, job.running, verdict, time);
    } else if (health) {
      route::Verdict hint;
      hint.hold = verdict.hold;
      health_.failed(*health, job.running, hint, time);
    }
    return verdict;
  }

  void learn(const Job& job, double now) {
    if (contestant_.kind == Kind::oracle) return;
    const auto& answer = job.answer;
    route::Outcome outcome;
    outcome.failed = answer.failed.has_value();
    outcome.counted = answer.failed != ir::Failure::Kind::rate_limited;
    outcome.first_token_s = answer.first_token;
    outcome.total_s = answer.took;
    outcome.output_tokens = answer.output;
    if (answer.committed) outcome.reported_cached = answer.cached;
    route::ended(experience_, job.attempted, job.envelope, outcome, at(now));
  }

  void wait(const std::shared_ptr<Job>& job, double now, double until) {
    if (until - job->asked > 2 * longest_wait || until - now > longest_wait) return fail(job, now);
    schedule(std::max(until, now + 0.001), Event::What::choose, job);
  }

  void fail(const std::shared_ptr<Job>& job, double now) {
    ++tally_.unserved;
    close(job, now);
  }

  void close(const std::shared_ptr<Job>& job, double now) {
    const auto stakes = route::stakes(profile_, job->call.request_class);
    tally_.seconds += now - job->asked;
    tally_.waiting_usd += stakes.usd_per_second * (now - job->asked);
    if (!job->beside) ask_next(job->seat, now);
  }

  std::uint64_t seed_;
  Regime regime_;
  route::Profile profile_;
  Contestant contestant_;
  std::vector<Endpoint> endpoints_;
  std::shared_ptr<const catalog::Pool> pool_;
  int era_ = 0;
  route::Experience experience_;
  route::Deployments health_;
  route::RetryBudget retries_;
  Rival rival_;
  std::vector<Seat> seats_;
  std::vector<std::vector<route::Boundary>> history_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t scheduled_ = 0;
  Tally tally_;
};

}  // namespace

std::string Contestant::name() const {
  switch (kind) {
    case Kind::oracle: return "oracle";
    case Kind::sticky: return "session-sticky";
    case Kind::peak_ewma: return "peak-ewma";
    case Kind::shipped:
    case Kind::baseline: break;
  }
  return std::string(route::to_string(strategy));
}

double Tally::loss() const {
  if (served == 0) return 1e9;
  return (usd + waiting_usd + failure_usd * static_cast<double>(unserved + cut)) /
         static_cast<double>(served);
}

double Tally::attempts_per_call() const {
  return calls > 0 ? static_cast<double>(attempts) / static_cast<double>(calls) : 0;
}

double Tally::success_before_stream() const {
  return calls > 0 ? 1.0 - static_cast<double>(unserved) / static_cast<double>(calls) : 0;
}

Tally run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant) {
  return Run(seed, regime, profile, contestant).go();
}

}  // namespace tpool::sim
