#include "proxy/inbound/client_auth.hpp"

#include "core/digest.hpp"
#include "proxy/net/address.hpp"

namespace tpool::inbound {
namespace {

std::string_view bearer_of(const net::Head& head) {
  const auto field = head.get("authorization");
  if (field.size() > 7 && net::same_name(field.substr(0, 7), "bearer ")) {
    auto token = field.substr(7);
    while (token.starts_with(' ')) token.remove_prefix(1);
    return token;
  }
  return {};
}

std::string_view api_key_of(const net::Head& head) { return head.get("x-api-key"); }

}  // namespace

ClientAuth::ClientAuth(std::string host, std::uint16_t port, bool no_auth)
    : host_(std::move(host)),
      port_(port),
      // Whoever listens wider has said under which names; a token is required then.
      any_host_(!net::is_loopback(host_)),
      no_auth_(no_auth) {}

std::optional<net::Refusal> ClientAuth::check_origin(const net::Head& head) const {
  if (head.count("origin"))
    return net::Refusal{403, "requests from web pages are refused",
                        "tpool serves programs on this machine, not browsers"};
  if (any_host_) return std::nullopt;
  const auto host = head.get("host");
  auto name = host;
  std::string_view port;
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']')) {
    name = host.substr(0, colon);
    port = host.substr(colon + 1);
  }
  const bool known =
      net::same_name(name, "localhost") || name == "[::1]" || name == "127.0.0.1" || name == host_;
  if (known && (port.empty() ? port_ == 80 : port == std::to_string(port_))) return std::nullopt;
  return net::Refusal{421, "the Host of this request is not this server",
                      "use 127.0.0.1:" + std::to_string(port_)};
}

std::optional<Caller> ClientAuth::caller(const net::Head& head, const proxy::Snapshot& snapshot,
                                         bool local_socket) const {
  if (local_socket) return Caller{"local"};
  // Some clients send both, and only one of them is ours.
  for (const auto place : {&bearer_of, &api_key_of}) {
    const auto token = place(head);
    if (token.empty()) continue;
    if (known_in_ == snapshot.config && equal_constant_time(known_token_, token))
      return Caller{known_client_->id, known_client_};
    if (const auto* client = snapshot.client(token)) {
      known_token_ = token;
      known_client_ = client;
      known_in_ = snapshot.config;
      return Caller{client->id, client};
    }
  }
  if (no_auth_) return Caller{"anyone"};
  return std::nullopt;
}

std::optional<net::Refusal> ClientAuth::check_access(Access access,
                                                     const std::optional<Caller>& caller) {
  if (access == Access::open || access == Access::list) return std::nullopt;
  if (!caller)
    return net::Refusal{401, "this request needs a client token of tpool",
                        "send it as Authorization: Bearer; `tpool client create` makes one"};
  if (access == Access::admin && caller->stored && caller->stored->scope != "admin")
    return net::Refusal{403, "client " + caller->client + " has no admin scope",
                        "make one with `tpool client create --scope admin`"};
  if (access == Access::admin && caller->client == "anyone")
    return net::Refusal{403, "the admin API needs a token even with --no-auth",
                        "make one with `tpool client create --scope admin`"};
  return std::nullopt;
}

}  // namespace tpool::inbound
