// What every room of the proxy may use; owned by App, outlives every exchange. I/O thread only.
#pragma once

#include "proxy/cache/turns.hpp"
#include "proxy/gate/health.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/connections.hpp"
#include "proxy/net/offload.hpp"
#include "proxy/observe/observer.hpp"

namespace tpool::proxy {

struct Services {
  net::Offload& offload;
  net::Connections& connections;
  gate::Health& health;
  observe::Observer& observer;
  cache::Turns& turns;
};

}  // namespace tpool::proxy
