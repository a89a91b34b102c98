// GET and PUT /api/concurrency: what runs and waits where, and live limits. I/O thread only.
#pragma once

#include <optional>
#include <string>

#include "core/route/deployments.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::admin {

// {"window_s":10,"providers":{P:{...,"models":{M:{...,"keys":[...]}}}}}: every model of the pool.
std::string concurrency_json(const route::Deployments& deployments, const proxy::Snapshot& snapshot,
                             TimePoint now);

struct LimitWish {
  std::string provider;
  std::string model;   // as it is sent to the provider
  std::string listed;  // as its slug calls it, and so the store
  std::optional<std::string> key;
  int limit = 0;
  bool persist = false;
};

struct Refused {
  int status;
  Error error;
};

// Checks what a PUT asks for, in this order: 400 what it is, 404 whom it names, 422 a deployment
// that is only monitored.
struct Understood {
  std::optional<LimitWish> wish = {};
  std::optional<Refused> refused = {};
};
Understood understand(std::string_view body, route::Deployments& deployments,
                      const proxy::Snapshot& snapshot);

// Sets the limit and answers with the new row.
std::string set_limit(const LimitWish& wish, route::Deployments& deployments,
                      const proxy::Snapshot& snapshot, bool persisted, TimePoint now);

}  // namespace tpool::admin
