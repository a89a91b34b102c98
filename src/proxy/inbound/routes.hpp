// Method and path to handler; the query plays no part in choosing one.
//
// Implements net::Service over the current snapshot. Paths are also known under /openai. Errors of
// generation endpoints are said in their protocol, all others as {"error":{code,message,hint}}.
// I/O thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/admin/api.hpp"
#include "proxy/inbound/client_auth.hpp"
#include "proxy/net/session.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::inbound {

class Routes final : public net::Service {
 public:
  Routes(proxy::Services& services, admin::Api& api, ClientAuth auth);

  void use(std::shared_ptr<const proxy::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }
  void listening_on(std::uint16_t port) { auth_.listening_on(port); }
  void drain() { draining_ = true; }

  std::optional<net::Refusal> admit(const net::Head& head, bool local_socket) override;
  net::Task<> handle(net::Inbound& inbound, net::Reply& reply) override;
  bool upgrades(const net::Head& head) const override;
  net::Task<> converse(const net::Head& head, net::Alarm& alarm, net::WebSocket& socket) override;
  std::string explain(const net::Head& head, const net::Refusal& refusal) override;
  bool draining() const override { return draining_; }

 private:
  net::Task<> models(const net::Head& head, const std::optional<Caller>& caller, net::Reply& reply);

  proxy::Services& services_;
  admin::Api& api_;
  ClientAuth auth_;
  std::shared_ptr<const proxy::Snapshot> snapshot_;
  bool draining_ = false;
};

}  // namespace tpool::inbound
