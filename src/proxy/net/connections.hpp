// Connections to providers: made when needed, kept while idle, by origin.
//
// take() gives an idle one or connects: resolve, each address in turn, the provider's HTTP proxy
// when it has one (CONNECT for https), TLS. Idle ones are closed after 60 s, at most 256 are kept.
// Failures say which step failed. I/O thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/ir/event.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/net/tls.hpp"

namespace tpool::net {

// An HTTP proxy on the way out.
struct Hop {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // "Basic ...", or empty

  bool operator==(const Hop&) const = default;
};

struct Origin {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // of the base URL, without a trailing slash
  std::optional<Hop> hop;
  std::string key;        // equal origins share connections
  std::string authority;  // for the Host field

  // Requests through a plain-http hop name the whole URL.
  bool absolute_form() const { return hop && !tls; }
};

// From a base URL and "direct" or a proxy URL; invalid for what is no http(s) URL.
Result<Origin> make_origin(std::string_view base_url, std::string_view proxy);

class Connections {
 public:
  Connections(Io& io, Offload& offload);

  // An idle connection, or nullptr when there is none.
  std::unique_ptr<Stream> take_idle(const Origin& origin, Alarm& alarm);
  // A new one. The alarm is used for limits and the vanished client: cancelled and silent come from
  // it; it is left cleared.
  Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> connect(const Origin& origin,
                                                                   Alarm& alarm,
                                                                   Milliseconds limit);
  void give(const Origin& origin, std::unique_ptr<Stream> stream);
  void drop_idle();
  std::size_t idle() const { return idle_count_; }

 private:
  struct Idle {
    std::unique_ptr<Stream> stream;
    Instant since;
  };
  Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> dial(const Origin& origin, Alarm& alarm);
  Task<std::optional<ir::Failure>> tunnel(const Origin& origin, Stream& stream, Alarm& alarm);
  Task<std::optional<ir::Failure>> secure(const Origin& origin, Stream& stream, Alarm& alarm);
  void sweep();

  Io& io_;
  Resolver resolver_;
  std::map<std::string, std::deque<Idle>> idle_;
  std::size_t idle_count_ = 0;
  std::unique_ptr<TlsContext> tls_;
  Timer sweeper_;
  bool sweeping_ = false;
};

}  // namespace tpool::net
