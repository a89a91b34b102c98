// A WebSocket accepted from a client: text messages in, text messages out.
//
// Beast does the handshake and the frames. A reader of its own always listens, so that a client
// that leaves is noticed while an answer is being sent; it holds two messages at most and then
// waits for them to be taken. Messages are at most 32 MiB; binary ones, and two minutes without
// an answer to our pings, close the connection. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/net/alarm.hpp"
#include "proxy/net/asio.hpp"
#include "proxy/net/head.hpp"

namespace tpool::net {

// True for a request that asks to be upgraded to WebSocket.
bool asks_for_websocket(const Head& head);

class WebSocket final : public Wakeable {
 public:
  // Takes the descriptor, which must be non-blocking. The alarm is told when the client leaves and
  // wakes what waits here; it outlives the WebSocket.
  WebSocket(Executor executor, int descriptor, Alarm& alarm);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // Answers the handshake; false when it was none, which is answered too.
  Task<bool> accept(const Head& head);
  // The next message; nullopt once the client is gone, or the server ends.
  Task<std::optional<std::string>> receive();
  // False once the client is gone.
  Task<bool> send(std::string_view text);
  Task<> close();

  void wake() override;

 private:
  struct Connection;
  static Task<> read(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

}  // namespace tpool::net
