// Connections to providers: made when needed, kept while idle, by origin.
//
// take_idle() gives an idle one, connect() makes one: resolve, each address in turn (one that is
// silent takes half of what is left of the limit, so that the next one has a chance), the
// provider's HTTP proxy when it has one (through TLS for an https:// one; CONNECT for https
// providers), TLS. Idle ones are closed after 60 s, at most 256 are kept. Failures say which step
// failed. I/O thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/ir/event.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/origin.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/net/tls.hpp"

namespace tpool::net {

class Connections {
 public:
  Connections(Io& io, Poller& poller, Resolver::LookUp look_up = net::look_up);

  // An idle connection on which nothing came meanwhile, or nullptr when there is none.
  std::unique_ptr<Stream> take_idle(const Origin& origin, Alarm& alarm);
  // A new one. The alarm is used for limits and the vanished client: cancelled and silent come from
  // it; it is left cleared.
  Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> connect(const Origin& origin,
                                                                   Alarm& alarm,
                                                                   Milliseconds limit);
  void give(const Origin& origin, std::unique_ptr<Stream> stream);
  std::size_t idle() const { return idle_count_; }

 private:
  struct Idle {
    std::unique_ptr<Stream> stream;
    Instant since;
  };
  Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> dial(const Origin& origin, Alarm& alarm,
                                                                Instant deadline);
  Task<std::optional<ir::Failure>> reach(const Address& address, const std::string& where,
                                         Alarm& alarm, std::unique_ptr<Stream>& stream);
  Task<std::optional<ir::Failure>> tunnel(const Origin& origin, Stream& stream, Alarm& alarm);
  Task<std::optional<ir::Failure>> secure(const std::string& host, Stream& stream, Alarm& alarm);
  void sweep();

  Poller& poller_;
  Resolver resolver_;
  std::map<std::string, std::deque<Idle>> idle_;
  std::size_t idle_count_ = 0;
  std::unique_ptr<TlsContext> tls_;
  Timer sweeper_;
  bool sweeping_ = false;
};

}  // namespace tpool::net
