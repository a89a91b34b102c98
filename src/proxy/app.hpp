// Everything with the lifetime of the process, in construction order.
//
// One thread runs it. stop() and reload() may be called from signal handlers' coroutines only, that
// is on the same thread; request_stop() from any.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/config/paths.hpp"
#include "core/error.hpp"
#include "proxy/admin/api.hpp"
#include "proxy/inbound/routes.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/connections.hpp"
#include "proxy/net/offload.hpp"
#include "proxy/net/poller.hpp"
#include "proxy/reload.hpp"
#include "proxy/server.hpp"
#include "proxy/services.hpp"

namespace tpool::proxy {

struct AppOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool no_auth = false;
  std::optional<config::Paths> paths = {};  // to watch the store and open the admin socket
};

class App {
 public:
  App(std::shared_ptr<const Snapshot> snapshot, AppOptions options);

  Result<> listen();
  std::uint16_t port() const { return server_.port(); }
  // Until stopped and drained.
  void run();
  void watch_signals();
  void request_stop();
  // Only once run() has returned.
  const observe::Observer::Recent& recent() const { return observer_.recent(); }

 private:
  // What the snapshot found behind the store's keys; true when that changes who may be asked.
  bool take_up_keys(const Snapshot& snapshot);
  net::Task<Result<>> reload();
  net::Task<> reload_unasked();
  net::Task<> signals();
  void stop();
  void tidy();
  void tell(const Snapshot& snapshot);

  AppOptions options_;
  // Outlive whatever still runs when the process is told to end at once.
  route::Deployments deployments_;
  route::RetryBudget retries_;
  route::Budgets budgets_;
  net::Io io_;
  net::Offload offload_;
  net::Alarms alarms_;
  net::Poller poller_;
  net::Connections connections_;
  gate::Line line_;
  route::Experience experience_;
  gate::Keeper keeper_;
  gate::Keeper spending_;
  observe::Observer observer_;
  cache::Turns turns_;
  Services services_;
  admin::Api api_;
  inbound::Routes routes_;
  Server server_;
  std::optional<StoreWatch> watch_;
  net::Timer last_call_;
  net::Timer tidier_;
  std::string revision_;
  std::vector<std::string> told_;
  // Reloads may overlap: the one that began last has read the newest store.
  std::uint64_t reloads_ = 0;
  std::uint64_t taken_up_ = 0;
  bool stopping_ = false;
};

}  // namespace tpool::proxy
