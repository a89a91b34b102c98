#include "proxy/gate/line.hpp"

#include <algorithm>
#include <iterator>

namespace tpool::gate {

Line::Place::Place(Line& line, net::Alarm& alarm, TimePoint when, const route::Position& position)
    : alarm_(alarm), when_(when), position_(position) {
  auto behind = line.places_.end();
  while (behind != line.places_.begin() && std::prev(behind)->position_ > position_) --behind;
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
    call_due(std::chrono::system_clock::now());
    arm();
  });
}

void Line::call(Place& place) {
  place.called_ = true;
  place.alarm_.nudge();
}

void Line::call_due(TimePoint now) {
  for (auto& place : places_)
    if (!place.called_ && place.when_ <= now) call(place);
}

bool Line::called(TimePoint now) {
  if (due_ <= now) call_due(now);
  return std::ranges::any_of(places_, &Place::called_);
}

net::Task<> Line::give_way(const route::Position& position) {
  const auto first = std::ranges::find_if(places_, &Place::called_);
  if (first == places_.end() || first->position_ > position) co_return;
  // Whoever was called is in the executor's queue by now.
  const auto executor = timer_.get_executor();
  const net::Use token;
  co_await net::asio::post(executor, token);
}

void Line::call_all() {
  for (auto& place : places_)
    if (!place.called_) call(place);
}

}  // namespace tpool::gate
