// What a proxy knows around its choice: the shipped pool, states, permits, budgets and beliefs.
//
// The oracle is only told whether to go on. Baselines plan and learn like the shipped strategies,
// but remember nothing of a failure except its hint, and take no slots. One thread at a time.
#pragma once

#include <memory>

#include "core/route/deployments.hpp"
#include "core/route/retry_budget.hpp"
#include "core/sim/job.hpp"
#include "core/sim/line.hpp"
#include "core/sim/tally.hpp"
#include "core/sim/world.hpp"

namespace tpool::sim {

class Proxy {
 public:
  Proxy(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant,
        Caps caps);

  // A store with other prices is another pool.
  void reprice(double now);
  void asked(double now) { retries_.request(at(now)); }
  // The job's plan; nullopt: it has steps. Else when it may have some, or infinity.
  std::optional<double> plan(Job& job, double now);

  route::Slots& slots(std::size_t index) { return deployment(index).slots; }
  // A slot it may still use: it was taken at a deployment that nothing bars by now.
  bool open(const Job& job, std::size_t index, double now);
  double patience(const Job& job, const route::Step& step, double now) const;
  void began(Job& job, const route::Step& step, double now);
  // Of the job's answer: what the shipped table says, and what is remembered of it.
  route::Verdict ended(Job& job, double now);

  Line& line() { return line_; }
  const route::Experience& experience() const { return experience_; }

 private:
  void use(double now);
  route::Deployment& deployment(std::size_t index);
  void learn(const Job& job, double now);
  route::Verdict judged(Job& job, const route::Past& past, double now);

  Regime regime_;
  route::Profile profile_;
  Contestant contestant_;
  Caps caps_;
  int era_ = 0;
  std::shared_ptr<const catalog::Pool> pool_;
  route::Experience experience_;
  route::Deployments deployments_;
  route::RetryBudget retries_;
  Line line_{deployments_};
};

}  // namespace tpool::sim
