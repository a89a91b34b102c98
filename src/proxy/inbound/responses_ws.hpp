// The Responses endpoint over WebSocket: each `response.create` is one exchange, its events are
// frames.
//
// The connection remembers its own turns, stored or not, so that a client goes on with
// previous_response_id and new items alone; those to be stored can be gone on from anywhere. A
// warm-up (`"generate": false`) is acknowledged and never sent to a provider. Requests are served
// one after another. I/O thread only.
#pragma once

#include <functional>

#include "proxy/inbound/generate.hpp"
#include "proxy/net/websocket.hpp"

namespace tpool::inbound {

// What serves one request, through the reply it is given.
using Serve = std::function<net::Task<>(cache::Turns& turns, net::Inbound&, net::Reply&)>;

net::Task<> talk(proxy::Services& services, std::string client, const net::Head& head,
                 net::Alarm& alarm, net::WebSocket& socket, Serve serve);

}  // namespace tpool::inbound
