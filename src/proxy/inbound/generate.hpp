// The one handler behind every endpoint that a model answers. I/O thread only.
#pragma once

#include <memory>

#include "proxy/inbound/client_auth.hpp"
#include "proxy/inbound/endpoint.hpp"
#include "proxy/net/session.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::inbound {

net::Task<> generate(proxy::Services& services, std::shared_ptr<const proxy::Snapshot> snapshot,
                     Endpoint endpoint, Caller caller, net::Inbound& inbound, net::Reply& reply);

}  // namespace tpool::inbound
