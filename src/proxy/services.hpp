// What every room of the proxy may use; owned by App, outlives every exchange. I/O thread only.
#pragma once

#include "core/route/budget.hpp"
#include "core/route/deployments.hpp"
#include "core/route/order.hpp"
#include "core/route/retry_budget.hpp"
#include "proxy/cache/turns.hpp"
#include "proxy/gate/keeper.hpp"
#include "proxy/gate/line.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/connections.hpp"
#include "proxy/net/offload.hpp"
#include "proxy/observe/observer.hpp"

namespace tpool::proxy {

struct Services {
  net::Offload& offload;
  net::Connections& connections;
  route::Deployments& deployments;
  route::RetryBudget& retries;
  gate::Line& line;
  gate::Keeper& keeper;
  route::Budgets& budgets;
  gate::Keeper& spending;
  route::Experience& experience;
  observe::Observer& observer;
  cache::Turns& turns;
};

}  // namespace tpool::proxy
