#include "core/sim/line.hpp"

#include <utility>

namespace tpool::sim {

bool Line::stand(std::shared_ptr<Job> job, std::span<route::Slots* const> slots, double now) {
  auto ticket = std::make_unique<Standing>(*this, job);
  const auto turn = job->envelope.priority().turn;
  if (!deployments_.wait(*ticket, slots, turn, at(now))) return false;
  standing_[job.get()] = std::move(ticket);
  return true;
}

bool Line::give_up(const Job& job, double now) {
  const auto found = standing_.find(&job);
  if (found == standing_.end()) return false;
  route::Slots::cancel(*found->second, true, at(now));
  standing_.erase(found);
  return true;
}

std::vector<Line::Called> Line::called() {
  auto called = std::exchange(called_, {});
  for (const auto& one : called) standing_.erase(one.job.get());
  return called;
}

}  // namespace tpool::sim
