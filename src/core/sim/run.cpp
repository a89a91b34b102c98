#include "core/sim/run.hpp"

#include <algorithm>
#include <memory>
#include <queue>

#include "core/route/failure.hpp"
#include "core/route/order.hpp"
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
  double began = 0;
  route::Envelope envelope = {};
  route::Attempted attempted = {};
  Answer answer = {};
};

struct Event {
  enum class What { ask, choose, ended };
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
      ids_[i] = std::string(deployments[i].id) + "//" + std::string(model_name);
    }
    pool_ = make_pool(regime, 0, contestant.strategy, profile);
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
          choose(event.job, now);
          break;
        case Event::What::choose: choose(event.job, now); break;
        case Event::What::ended: ended(event.job, now); break;
      }
    }
    return tally_;
  }

 private:
  bool ships() const { return contestant_.kind == Kind::shipped; }

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
    pool_ = make_pool(regime_, now, contestant_.strategy, profile_);
  }

  void choose(const std::shared_ptr<Job>& job, double now) {
    if (contestant_.kind == Kind::oracle) {
      const auto choice = best(job->call, endpoints_, job->tried, profile_, now);
      if (!choice) return fail(job, now);
      if (choice->wait > 0) return wait(job, now, now + choice->wait);
      return attempt(job, choice->deployment, now, choice->patience);
    }
    const auto time = at(now);
    std::erase_if(holds_, [&](const auto& one) { return one.second.until <= time; });
    auto holds = holds_;
    if (ships()) add_pace(*job, now, holds);
    const auto made = route::plan(*pool_, job->envelope, holds, time, &experience_);
    ++experience_.turn;
    if (!made || made->steps.empty()) {
      const auto ready = made ? made->earliest() : std::nullopt;
      if (!ready) return fail(job, now);
      return wait(job, now, std::chrono::duration<double>(*ready - epoch).count());
    }
    const auto& step = pick(*made, *job, now);
    const auto chosen = index_of(step);
    const auto& belief = experience_.beliefs.of(step.candidate.hash());
    const double patience =
        ships() ? route::first_content_limit(belief, job->call.prompt - step.held_tokens,
                                             route::seconds(time))
                : baseline_patience;
    job->attempted = route::began(experience_, step, job->envelope);
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

  // What the heads said of each deployment's limits, kept up to date by what was sent since.
  void add_pace(const Job& job, double now, route::Holds& holds) {
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      if (!allowed_[i]) continue;
      const auto& known = *allowed_[i];
      const double passed = now - allowed_at_[i];
      const auto missing = [&](double wanted, double left, double limit) {
        return limit > 0 ? (std::min(wanted, limit) - left) * 60 / limit - passed : 0.0;
      };
      const double ready =
          std::max(missing(1, known.requests_left, known.request_limit),
                   missing(job.call.prompt + 600, known.tokens_left, known.token_limit));
      if (ready <= 0) continue;
      auto& hold = holds[ids_[i]];
      const auto until = at(now + ready);
      if (hold.state.empty() || hold.until < until) hold = {"cooldown", "pace", until};
    }
  }

  void attempt(const std::shared_ptr<Job>& job, std::size_t chosen, double now, double patience) {
    ++tally_.attempts;
    ++job->attempts;
    job->tried |= 1U << chosen;
    job->chosen = chosen;
    job->began = now;
    job->answer = endpoints_[chosen].attempt(job->call, job->attempts, now, patience);
    if (job->answer.allowance) {
      allowed_[chosen] = job->answer.allowance;
      allowed_at_[chosen] = now;
    }
    schedule(now + job->answer.took, Event::What::ended, job);
  }

  void ended(const std::shared_ptr<Job>& job, double now) {
    auto& answer = job->answer;
    endpoints_[job->chosen].finished();
    learn(*job, now);
    tally_.usd += answer.usd;
    if (!answer.failed || answer.committed) {
      const bool whole = !answer.failed;
      ++(whole ? tally_.served : tally_.cut);
      tally_.prompt_tokens += job->call.prompt;
      tally_.cached_tokens += answer.cached;
      if (whole && contestant_.kind == Kind::sticky) rival_.served(job->call, job->chosen, now);
      if (whole) holds_.erase(ids_[job->chosen]), strikes_[job->chosen] = 0;
      return close(job, now);
    }
    ir::Failure failure;
    failure.kind = *answer.failed;
    if (answer.retry_after >= 0)
      failure.retry_after = Milliseconds(static_cast<std::int64_t>(answer.retry_after * 1000) + 1);
    if (failure.kind == ir::Failure::Kind::silent) ++job->after_send;
    const auto verdict = route::judge(failure, {job->attempts, job->after_send, false, true},
                                      strikes_[job->chosen], at(now));
    if (verdict.hold && contestant_.kind != Kind::oracle) {
      holds_[ids_[job->chosen]] = *verdict.hold;
      ++strikes_[job->chosen];
    }
    const bool more = ships() || contestant_.kind == Kind::oracle
                          ? verdict.next != route::Next::stop
                          : job->attempts < baseline_attempts;
    if (!more) return fail(job, now);
    choose(job, now);
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
    route::ended(experience_, job.attempted, job.envelope, outcome, cache_life, at(now));
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
  std::array<std::string, deployments.size()> ids_;
  std::array<int, deployments.size()> strikes_{};
  std::array<std::optional<Allowance>, deployments.size()> allowed_{};
  std::array<double, deployments.size()> allowed_at_{};
  std::shared_ptr<const catalog::Pool> pool_;
  int era_ = 0;
  route::Experience experience_;
  route::Holds holds_;
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
