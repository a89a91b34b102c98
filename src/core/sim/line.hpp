// Those who wait for a slot, in simulated time: one ticket of the shipped permits for each job.
//
// A slot is granted in the middle of another's release; whoever got one is handed out by called()
// afterwards, in that order. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/sim/job.hpp"

namespace tpool::sim {

class Line {
 public:
  explicit Line(route::Deployments& permits) : deployments_(permits) {}

  // At all of `slots`, which have no room; a job that stood before has its place again. False: too
  // many wait already.
  bool stand(std::shared_ptr<Job> job, std::span<route::Slots* const> slots, double now);
  // Nothing was free for as long as it may wait. False: it does not stand here any more.
  bool give_up(const Job& job, double now) { return leave(job, true, now); }
  // It looks for somebody else, and may come back.
  bool step_out(const Job& job, double now) { return leave(job, false, now); }

  struct Called {
    std::shared_ptr<Job> job;
    route::Slots* slots = nullptr;  // one is taken there
  };
  std::vector<Called> called();

 private:
  struct Standing final : route::Ticket {
    Standing(Line& its_line, std::shared_ptr<Job> its_job)
        : line(its_line), job(std::move(its_job)) {}
    void granted(route::Slots& slots) override { line.called_.push_back({job, &slots}); }
    Line& line;
    std::shared_ptr<Job> job;
  };

  bool leave(const Job& job, bool timed_out, double now);

  route::Deployments& deployments_;
  std::map<const Job*, std::unique_ptr<Standing>> standing_;
  std::vector<Called> called_;
};

}  // namespace tpool::sim
