// The admin API: status, health, limits, budgets, reset, reload and explain, thin over the
// snapshot, what is remembered of the deployments, and the observer.
//
// Reached by the CLI through the admin socket, and with an admin token. I/O thread only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/config/paths.hpp"
#include "proxy/net/reply.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::admin {

// An Error as /api says it.
net::Task<> tell(int status, const Error& error, net::Reply& reply);

class Api {
 public:
  using Reload = std::function<net::Task<Result<>>()>;
  Api(proxy::Services& services, std::optional<config::Paths> paths, Reload reload,
      std::string listen);

  // The reason the store on disk is not what is served; empty when it is.
  void store_problem(std::string problem) { store_problem_ = std::move(problem); }

  net::Task<> health(const proxy::Snapshot& snapshot, net::Reply& reply);
  net::Task<> status(const proxy::Snapshot& snapshot, net::Reply& reply);
  // `query` may name the store that is asked about.
  net::Task<> budgets(std::string_view query, net::Reply& reply);
  net::Task<> reload(net::Reply& reply);
  // The Plan that a request like `query` says would get now; nothing is sent.
  net::Task<> explain(const proxy::Snapshot& snapshot, std::string_view query, net::Reply& reply);
  net::Task<> concurrency(const proxy::Snapshot& snapshot, net::Reply& reply);
  net::Task<> set_concurrency(const proxy::Snapshot& snapshot, std::string_view body,
                              net::Reply& reply);
  // {"provider": ..., "key": ...}, both optional: forgets what bars them, and looks for the secrets
  // again.
  net::Task<> reset(const proxy::Snapshot& snapshot, std::string_view body, net::Reply& reply);

 private:
  // conflict when `store`, an absolute path or empty, is not the one served.
  Result<> check_store(const std::filesystem::path& store) const;
  const route::Budgets& budgets_of_today();

  proxy::Services& services_;
  std::optional<config::Paths> paths_;
  Reload reload_;
  std::string listen_;
  std::string store_problem_;
  Instant started_;
};

}  // namespace tpool::admin
