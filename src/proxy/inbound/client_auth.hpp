// Who is asking, and from where: the checks made on a head before anything else.
//
// Browsers are kept out by Host and Origin, other users of the machine by the token. The admin
// socket needs neither: only its owner can open it. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/net/session.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::inbound {

enum class Access { open, list, generate, admin };

struct Caller {
  std::string client;  // id; "local" through the admin socket, "anyone" with --no-auth
  const config::Client* stored = nullptr;
};

class ClientAuth {
 public:
  ClientAuth(std::string host, std::uint16_t port, bool no_auth);

  void listening_on(std::uint16_t port) { port_ = port; }
  // 421 for a foreign Host, 403 for an Origin.
  std::optional<net::Refusal> check_origin(const net::Head& head) const;
  // Nullopt: nobody we know.
  std::optional<Caller> caller(const net::Head& head, const proxy::Snapshot& snapshot,
                               bool local_socket) const;
  // Whether the caller may; 401 or 403 otherwise.
  static std::optional<net::Refusal> check_access(Access access,
                                                  const std::optional<Caller>& caller);

 private:
  std::string host_;
  std::uint16_t port_;
  bool any_host_;
  bool no_auth_;
  // The last token that was accepted, so that a busy client is not hashed for every request.
  mutable std::string known_token_;
  mutable const config::Client* known_client_ = nullptr;
  mutable std::shared_ptr<const config::Config> known_in_;
};

}  // namespace tpool::inbound
