#include "proxy/gate/line.hpp"

#include <algorithm>

namespace tpool::gate {

Line::Place::Place(Line& line, net::Alarm& alarm, Instant when) : alarm_(alarm), when_(when) {
  line.places_.push_back(*this);
  line.arm();
}

void Line::arm() {
  auto next = Instant::max();
  for (const auto& place : places_)
    if (!place.called_) next = std::min(next, place.when_);
  if (next == Instant::max() || next >= due_) return;
  due_ = next;
  timer_.expires_at(due_);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    due_ = Instant::max();
    const auto now = std::chrono::steady_clock::now();
    for (auto& place : places_)
      if (!place.called_ && place.when_ <= now) call(place);
    arm();
  });
}

void Line::call(Place& place) {
  place.called_ = true;
  place.alarm_.nudge();
}

void Line::call_all() {
  for (auto& place : places_)
    if (!place.called_) call(place);
}

}  // namespace tpool::gate
