#include "proxy/net/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <system_error>
#include <utility>

namespace tpool::net {
namespace {

// Looks in a row before Asio gets its turn: timers and other threads wait as long.
constexpr int most_rounds = 8;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int make_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) fail("epoll_create1");
  return set;
}

}  // namespace

Poller::Poller(Io& io) : executor_(io.get_executor()), set_(executor_, make_set()) { wait(); }

Poller::~Poller() {
  for (const auto& slot : slots_)
    if (slot.one) slot.one->slot_ = Pollable::no_slot;
  for (auto* list : {&waiting_, &ready_, &turns_}) {
    while (!list->empty()) {
      auto& one = list->front();
      list->pop_front();
      one.suspended_.reset();
    }
  }
}

std::uint64_t Poller::take_slot(Pollable& one) {
  if (one.slot_ == Pollable::no_slot) {
    if (free_slots_.empty()) {
      free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    one.slot_ = free_slots_.back();
    free_slots_.pop_back();
    slots_[one.slot_].one = &one;
  }
  return std::uint64_t{slots_[one.slot_].turn} << 32 | one.slot_;
}

void Poller::forget(Pollable& one) {
  if (!is_watched(one)) return;
  auto& slot = slots_[one.slot_];
  slot.one = nullptr;
  ++slot.turn;
  free_slots_.push_back(std::exchange(one.slot_, Pollable::no_slot));
}

void Poller::watch(Pollable& one, int descriptor) {
  if (is_watched(one)) return;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = take_slot(one);
  if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) == 0) return;
  const int error = errno;
  forget(one);
  errno = error;
  fail("epoll_ctl");
}

void Poller::hang_up_only(Pollable& one, int descriptor) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  const int how = is_watched(one) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  event.data.u64 = take_slot(one);
  // Without it a vanished peer is only noticed at the next write: worse, not wrong.
  ::epoll_ctl(set_.native_handle(), how, descriptor, &event);
}

Task<> Poller::readable(Pollable& one, int descriptor) {
  watch(one, descriptor);
  return suspend(one, Pollable::Want::read);
}

Task<> Poller::writable(Pollable& one, int descriptor) {
  watch(one, descriptor);
  return suspend(one, Pollable::Want::write);
}

Task<> Poller::turn(Pollable& one) { return suspend(one, Pollable::Want::turn); }

Task<> Poller::suspend(Pollable& one, Pollable::Want want) {
  const auto keep = [this, &one, want](auto handler) {
    one.suspended_.emplace(std::move(handler));
    one.want_ = want;
    if (want != Pollable::Want::turn) return waiting_.push_back(one);
    turns_.push_back(one);
    schedule();
  };
  Use token;
  return asio::async_initiate<Use, void()>(keep, token);
}

void Poller::wake(Pollable& one) {
  if (one.want_ != Pollable::Want::read && one.want_ != Pollable::Want::write) return;
  one.want_ = Pollable::Want::nothing;
  one.unlink();
  ready_.push_back(one);
  schedule();
}

void Poller::wait() {
  set_.async_wait(Descriptor::wait_read, [this](boost::system::error_code ec) {
    if (ec) return;
    run();
    wait();
  });
}

void Poller::schedule() {
  if (std::exchange(running_, true)) return;
  asio::post(executor_, [this] { run(); });
}

void Poller::run() {
  running_ = true;
  for (int round = 0; round < most_rounds; ++round) {
    look();
    resume(ready_);
    if (turns_.empty()) break;
    List now;
    now.swap(turns_);
    resume(now);
    if (turns_.empty() && ready_.empty()) break;
  }
  running_ = false;
  if (!turns_.empty() || !ready_.empty()) schedule();
}

// Nobody is resumed here: a coroutine could destroy what a later event points to.
void Poller::look() {
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto& slot = slots_[static_cast<std::uint32_t>(events[i].data.u64)];
    if (!slot.one || slot.turn != events[i].data.u64 >> 32) continue;
    auto& one = *slot.one;
    const auto told = events[i].events;
    const bool over = told & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (over || (told & EPOLLIN)) one.may_read_ = true;
    if (told & (EPOLLOUT | EPOLLHUP | EPOLLERR)) one.may_write_ = true;
    if ((one.want_ == Pollable::Want::read && one.may_read_) ||
        (one.want_ == Pollable::Want::write && one.may_write_))
      wake(one);
    if (over && !std::exchange(one.over_, true) && one.client_) one.client_->leave();
  }
}

void Poller::resume(List& list) {
  while (!list.empty()) {
    auto& one = list.front();
    list.pop_front();
    one.want_ = Pollable::Want::nothing;
    auto handler = std::move(*one.suspended_);
    one.suspended_.reset();
    handler();
  }
}

}  // namespace tpool::net
