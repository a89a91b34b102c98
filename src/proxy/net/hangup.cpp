#include "proxy/net/hangup.hpp"

#include <sys/epoll.h>

#include <array>
#include <system_error>

namespace tpool::net {
namespace {

int make_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

}  // namespace

Hangups::Hangups(Io& io) : set_(io.get_executor(), make_set()) { wait(); }

void Hangups::watch(int descriptor, Alarm& alarm) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.ptr = &alarm;
  // Without it a vanished client is only noticed at the next write: worse, not wrong.
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event);
}

void Hangups::wait() {
  set_.async_wait(Descriptor::wait_read, [this](boost::system::error_code ec) {
    if (ec) return;
    std::array<epoll_event, 64> events;
    const int count =
        ::epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) static_cast<Alarm*>(events[i].data.ptr)->leave();
    wait();
  });
}

}  // namespace tpool::net
