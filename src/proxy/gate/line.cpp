#include "proxy/gate/line.hpp"

#include <algorithm>
#include <iterator>

namespace tpool::gate {

Line::Place::Place(Line& line, net::Alarm& alarm, TimePoint when, std::uint64_t& number)
    : alarm_(alarm), when_(when), number_(number ? number : ++line.last_) {
  number = number_;
  auto behind = line.places_.end();
  while (behind != line.places_.begin() && std::prev(behind)->number_ > number_) --behind;
  line.places_.insert(behind, *this);
  line.arm();
}

void Line::arm() {
  auto next = TimePoint::max();
  for (const auto& place : places_)
    if (!place.called_) next = std::min(next, place.when_);
  if (next == TimePoint::max() || next >= due_) return;
  due_ = next;
  const auto left = due_ - std::chrono::system_clock::now();
  timer_.expires_after(std::chrono::ceil<Milliseconds>(left));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    due_ = TimePoint::max();
    const auto now = std::chrono::system_clock::now();
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
