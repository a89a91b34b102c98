// The one handler behind every generation endpoint. I/O thread only.
#pragma once

#include <memory>

#include "core/types.hpp"
#include "proxy/inbound/client_auth.hpp"
#include "proxy/net/session.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::inbound {

net::Task<> generate(proxy::Services& services, std::shared_ptr<const proxy::Snapshot> snapshot,
                     Protocol protocol, Caller caller, net::Inbound& inbound, net::Reply& reply);

}  // namespace tpool::inbound
