// The admin API: status, health, reload and explain, thin over the snapshot, health and observer.
//
// Reached by the CLI through the admin socket, and with an admin token. I/O thread only.
#pragma once

#include <functional>
#include <string>

#include "proxy/net/reply.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::admin {

class Api {
 public:
  using Reload = std::function<net::Task<Result<>>()>;
  Api(proxy::Services& services, Reload reload, std::string listen);

  // The reason the store on disk is not what is served; empty when it is.
  void store_problem(std::string problem) { store_problem_ = std::move(problem); }

  net::Task<> health(const proxy::Snapshot& snapshot, net::Reply& reply);
  net::Task<> status(const proxy::Snapshot& snapshot, net::Reply& reply);
  net::Task<> reload(net::Reply& reply);
  // The Plan that a request like `query` says would get now; nothing is sent.
  net::Task<> explain(const proxy::Snapshot& snapshot, std::string_view query, net::Reply& reply);

 private:
  proxy::Services& services_;
  Reload reload_;
  std::string listen_;
  std::string store_problem_;
  TimePoint started_;
};

}  // namespace tpool::admin
