// One inbound connection: requests in, one after another, each answered by the Service.
//
// Reads a head (30 s at most), lets the service refuse before the body is read, reads the body
// (32 MiB at most, no more than 30 s between bytes), calls the service, and goes on while the
// connection is kept alive (90 s of silence at most). Malformed input is answered 4xx in the
// client's own protocol and the connection closed. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/net/alarm.hpp"
#include "proxy/net/buffer.hpp"
#include "proxy/net/head.hpp"
#include "proxy/net/reply.hpp"
#include "proxy/net/stream.hpp"

namespace tpool::net {

inline constexpr std::size_t max_body = std::size_t{32} << 20;

class WebSocket;

struct Inbound {
  const Head& head;
  std::string_view body;
  Alarm& alarm;       // one for the whole exchange; gone() once the client left
  bool local_socket;  // came through the admin socket: the same user
};

// What to answer without looking at the body.
struct Refusal {
  int status = 400;
  std::string message;
  std::string hint = {};
  std::string allow = {};  // methods, with 405
};

class Service {
 public:
  virtual ~Service() = default;
  // Called with the head alone. A refusal is answered and, with a body unread, the connection ends.
  virtual std::optional<Refusal> admit(const Head& head, bool local_socket) = 0;
  virtual Task<> handle(Inbound& inbound, Reply& reply) = 0;
  // Whether an admitted request goes on as a WebSocket, and then all that is said over it.
  virtual bool upgrades(const Head& head) const = 0;
  virtual Task<> converse(const Head& head, Alarm& alarm, WebSocket& socket) = 0;
  // JSON of a refusal, shaped for the protocol of the path asked for.
  virtual std::string explain(const Head& head, const Refusal& refusal) = 0;
  // Whether to go on reading requests.
  virtual bool draining() const = 0;
};

struct SessionLimits {
  Milliseconds head{30'000};
  Milliseconds body_idle{30'000};
  Milliseconds keep_alive{85'000};    // and closed within 90 s, on a busy machine too
  Milliseconds reader = slow_reader;  // see Reply
};

Task<> run_session(std::unique_ptr<Stream> stream, Service& service, Alarms& alarms,
                   SessionLimits limits, bool local_socket);

}  // namespace tpool::net
