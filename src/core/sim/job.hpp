// A call on its way to an answer, and the clock of a run. Plain values; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/route/order.hpp"
#include "core/sim/endpoint.hpp"

namespace tpool::sim {

// The moment a run begins, on a clock that tells no real time.
inline constexpr TimePoint epoch{std::chrono::seconds(1'000'000'000)};

inline TimePoint at(double now) {
  return epoch +
         std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(now));
}

inline double since_epoch(TimePoint time) {
  return std::chrono::duration<double>(time - epoch).count();
}

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
  std::shared_ptr<const catalog::Pool> pool = {};  // that the plan points into
  route::Plan plan = {};
  route::Attempted attempted = {};
  route::Running running = {};
  Answer answer = {};
  route::Position place = {};  // in every line, from the first one on
  std::optional<TimePoint> in_line_since = {};
};

inline std::size_t index_of(const route::Step& step) {
  return static_cast<std::size_t>(step.candidate.provider->id[0] - 'a');
}

}  // namespace tpool::sim
