// What a client asks for, read from its body: scanned, checked, and with the earlier turns that it
// goes on from put before it.
//
// Nothing is sent to anybody yet; a Failure is the client's to hear. I/O thread only.
#pragma once

#include <optional>
#include <string>

#include "core/ir/event.hpp"
#include "core/json/scan.hpp"
#include "proxy/inbound/client_auth.hpp"
#include "proxy/inbound/endpoint.hpp"
#include "proxy/net/session.hpp"
#include "proxy/services.hpp"

namespace tpool::inbound {

struct Asked {
  json::Scan scan;
  std::string previous;   // the answer it goes on from, unless that is in `items` already
  std::string items;      // its own input, when its turn may be kept
  std::string continued;  // the body with the history, when there is one; inbound.body views it
  bool keepable = false;  // a later request may go on from its answer
};

net::Task<std::optional<ir::Failure>> read(proxy::Services& services, const catalog::Pool& pool,
                                           const Endpoint& endpoint, const Caller& caller,
                                           net::Inbound& inbound, Asked& asked);

}  // namespace tpool::inbound
