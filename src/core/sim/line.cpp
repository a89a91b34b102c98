#include "core/sim/line.hpp"

#include <utility>

namespace tpool::sim {

bool Line::stand(std::shared_ptr<Job> job, std::span<route::Slots* const> slots, double now) {
  auto ticket = std::make_unique<Standing>(*this, job);
  auto& place = job->place;
  if (place.number == 0) place = deployments_.position(job->envelope.priority().turn, at(now));
  if (!route::Slots::wait(*ticket, slots, place, at(now), job->in_line_since)) return false;
  if (!job->in_line_since) job->in_line_since = at(now);
  standing_[job.get()] = std::move(ticket);
  return true;
}

bool Line::leave(const Job& job, bool timed_out, double now) {
  const auto found = standing_.find(&job);
  if (found == standing_.end()) return false;
  route::Slots::cancel(*found->second, timed_out, at(now));
  standing_.erase(found);
  return true;
}

std::vector<Line::Called> Line::called() {
  auto called = std::exchange(called_, {});
  for (const auto& one : called) standing_.erase(one.job.get());
  return called;
}

}  // namespace tpool::sim
