// Tells at once when a client closes its side, at no cost per request.
//
// A second epoll set watches every inbound socket for EPOLLRDHUP, edge triggered, registered once
// per connection; its own descriptor is read through Asio. The alarm given is told to leave(). A
// socket leaves the set when it is closed. I/O thread only.
#pragma once

#include "proxy/net/alarm.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::net {

class Hangups {
 public:
  explicit Hangups(Io& io);
  // `alarm` outlives the descriptor.
  void watch(int descriptor, Alarm& alarm);
  void stop() { set_.cancel(); }

 private:
  void wait();
  Descriptor set_;
};

}  // namespace tpool::net
