#include "core/sim/run.hpp"

#include <algorithm>
#include <queue>

#include "core/sim/clients.hpp"
#include "core/sim/proxy.hpp"
#include "core/sim/rival.hpp"

namespace tpool::sim {
namespace {

using Kind = Contestant::Kind;

constexpr double longest_wait = 60;
constexpr double longest_turn_in_line = 120;
constexpr int baseline_attempts = 3;

struct Event {
  enum class What { ask, choose, reserved, look_again, out_of_patience, ended };
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
  Run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant,
      Caps caps)
      : profile_(profile),
        contestant_(contestant),
        clients_(seed, regime),
        proxy_(seed, regime, profile, contestant, caps) {
    for (std::size_t i = 0; i < deployments.size(); ++i) endpoints_.emplace_back(regime, i, seed);
  }

  Tally go() {
    expect(clients_.first());
    while (!events_.empty()) {
      auto event = events_.top();
      events_.pop();
      proxy_.reprice(event.time);
      handle(event);
      for (const auto& called : proxy_.line().called()) given(called, event.time);
    }
    return tally_;
  }

 private:
  using What = Event::What;

  void handle(const Event& event) {
    const auto& job = event.job;
    const double now = event.time;
    switch (event.what) {
      case What::ask:
        job->asked = now;
        ++tally_.calls;
        proxy_.asked(now);
        return choose(job, now);
      case What::choose: return choose(job, now);
      case What::reserved: return attempt(job, nullptr, now);
      case What::look_again:
        if (proxy_.line().step_out(*job, now)) choose(job, now);
        return;
      case What::out_of_patience:
        if (proxy_.line().give_up(*job, now)) fail(job, now);
        return;
      case What::ended: return ended(job, now);
    }
  }

  void schedule(double time, What what, std::shared_ptr<Job> job) {
    events_.push({time, ++scheduled_, what, std::move(job)});
  }

  void expect(std::vector<Clients::Asking> asking) {
    for (auto& one : asking) schedule(one.time, What::ask, std::move(one.job));
  }

  void choose(const std::shared_ptr<Job>& job, double now) {
    if (contestant_.kind == Kind::oracle) return foresee(job, now);
    if (const auto ready = proxy_.plan(*job, now)) return wait(job, now, *ready);
    if (const auto later = job->plan.better_later(at(now));
        later && now - job->asked < longest_wait)
      return wait(job, now, since_epoch(*later));
    const auto steps = untried(*job);
    if (!contestant_.ships()) return attempt(job, &pick(steps, *job, now), now);
    for (const auto* step : steps)
      if (proxy_.slots(index_of(*step)).try_take()) return attempt(job, step, now);
    stand_in_line(job, steps, now);
  }

  // It knows the queue it joins: its place there is taken at once.
  void foresee(const std::shared_ptr<Job>& job, double now) {
    const auto choice = best(job->call, endpoints_, job->tried, profile_, now);
    if (!choice || choice->wait > longest_wait) return fail(job, now);
    endpoints_[choice->deployment].reserve(job->call, now);
    job->chosen = choice->deployment;
    job->patience = choice->patience;
    schedule(now + choice->wait, What::reserved, job);
  }

  static std::vector<const route::Step*> untried(const Job& job) {
    std::vector<const route::Step*> steps;
    for (const auto& step : job.plan.steps)
      if (!(job.tried >> index_of(step) & 1)) steps.push_back(&step);
    if (steps.empty())
      for (const auto& step : job.plan.steps) steps.push_back(&step);
    return steps;
  }

  const route::Step& pick(const std::vector<const route::Step*>& steps, const Job& job,
                          double now) const {
    if (contestant_.kind == Kind::sticky) return rival_.sticky(steps, job.call, now);
    if (contestant_.kind == Kind::peak_ewma)
      return rival_.peak_ewma(steps, job.call, proxy_.experience(), route::seconds(at(now)));
    return *steps.front();
  }

  // Every deployment it could use is full.
  void stand_in_line(const std::shared_ptr<Job>& job, const std::vector<const route::Step*>& steps,
                     double now) {
    std::vector<route::Slots*> full;
    for (const auto* step : steps) full.push_back(&proxy_.slots(index_of(*step)));
    const bool first = !job->in_line_since;
    if (!proxy_.line().stand(job, full, now)) return fail(job, now);
    if (first) ++tally_.queued;
    schedule(std::max(now, job->asked + longest_turn_in_line), What::out_of_patience, job);
    // Somebody else may be ready before any of these is free.
    if (const auto ready = job->plan.earliest();
        ready && job->attempts + 1 < config::default_routing.attempts)
      schedule(std::max(since_epoch(*ready), now + 0.001), What::look_again, job);
  }

  // A slot came free for it; what bars the deployment since may make it choose anew.
  void given(const Line::Called& called, double now) {
    const auto& job = called.job;
    for (const auto& step : job->plan.steps) {
      const auto index = index_of(step);
      if (&proxy_.slots(index) != called.slots) continue;
      if (proxy_.open(*job, index, now)) return attempt(job, &step, now);
      break;
    }
    called.slots->release(at(now));
    schedule(now, What::choose, job);
  }

  // The oracle attempts without a step.
  void attempt(const std::shared_ptr<Job>& job, const route::Step* step, double now) {
    if (step) {
      job->chosen = index_of(*step);
      job->patience = proxy_.patience(*job, *step, now);
    }
    ++tally_.attempts;
    ++job->attempts;
    job->in_line_since.reset();
    job->tried |= 1U << job->chosen;
    auto& endpoint = endpoints_[job->chosen];
    job->answer = endpoint.attempt(job->call, job->attempts, now, job->patience, !step);
    tally_.most_at_once = std::max(tally_.most_at_once, endpoint.in_flight());
    if (step) proxy_.began(*job, *step, now);
    schedule(now + job->answer.took, What::ended, job);
  }

  void ended(const std::shared_ptr<Job>& job, double now) {
    const auto& answer = job->answer;
    endpoints_[job->chosen].finished();
    tally_.usd += answer.usd;
    const auto verdict = proxy_.ended(*job, now);
    if (!answer.failed || answer.committed) {
      const bool whole = !answer.failed;
      ++(whole ? tally_.served : tally_.cut);
      tally_.prompt_tokens += job->call.prompt;
      tally_.cached_tokens += answer.cached;
      if (whole && contestant_.kind == Kind::sticky) rival_.served(job->call, job->chosen, now);
      return close(job, now);
    }
    // One that said when to come back is tried again then.
    if (contestant_.ships() && verdict.hold) job->tried &= ~(1U << job->chosen);
    const bool judged = contestant_.ships() || contestant_.kind == Kind::oracle;
    const bool more =
        judged ? verdict.next != route::Next::stop : job->attempts < baseline_attempts;
    if (!more) return fail(job, now);
    choose(job, now);
  }

  void wait(const std::shared_ptr<Job>& job, double now, double until) {
    if (until - job->asked > 2 * longest_wait || until - now > longest_wait) return fail(job, now);
    schedule(std::max(until, now + 0.001), What::choose, job);
  }

  void fail(const std::shared_ptr<Job>& job, double now) {
    ++tally_.unserved;
    close(job, now);
  }

  void close(const std::shared_ptr<Job>& job, double now) {
    const auto stakes = route::stakes(profile_, job->call.request_class);
    tally_.seconds += now - job->asked;
    tally_.waiting_usd += stakes.usd_per_second * (now - job->asked);
    if (!job->beside) expect(clients_.next(job->seat, now));
  }

  route::Profile profile_;
  Contestant contestant_;
  Clients clients_;
  std::vector<Endpoint> endpoints_;
  Proxy proxy_;
  Rival rival_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t scheduled_ = 0;
  Tally tally_;
};

}  // namespace

Tally run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant,
          Caps caps) {
  return Run(seed, regime, profile, contestant, caps).go();
}

}  // namespace tpool::sim
