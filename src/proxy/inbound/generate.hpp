// The one handler behind every endpoint that a model answers. I/O thread only.
#pragma once

#include <memory>

#include "core/route/envelope.hpp"
#include "core/types.hpp"
#include "proxy/inbound/client_auth.hpp"
#include "proxy/net/session.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::inbound {

// What an endpoint stands for.
struct Endpoint {
  Protocol protocol;  // spoken there, errors and refusals included
  route::Operation operation = route::Operation::generate;
  std::string_view path = {};  // below a provider's base URL, where that is not generation's
  // One connection's own turns: looked in first, and kept whatever the request says.
  cache::Turns* turns = nullptr;
};

net::Task<> generate(proxy::Services& services, std::shared_ptr<const proxy::Snapshot> snapshot,
                     Endpoint endpoint, Caller caller, net::Inbound& inbound, net::Reply& reply);

}  // namespace tpool::inbound
