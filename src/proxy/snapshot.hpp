// What one revision of the store means to the proxy: the pool, where each key leads, who may ask.
//
// Built off the I/O thread, then shared and never changed; an exchange pins the one it started
// with. Secrets are read here, once per revision, and live only in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/paths.hpp"
#include "core/config/secret.hpp"
#include "core/error.hpp"
#include "core/route/plan.hpp"
#include "proxy/net/connections.hpp"
#include "proxy/offered.hpp"

namespace tpool::proxy {

// Where one provider is reached with one key.
struct Destination {
  net::Origin origin;
  config::Secret secret;
  std::string fields;  // lines of a request head that belong to the provider: auth, its headers
  std::optional<Error> problem = {};  // why it cannot be used: a missing variable, a bad URL

  // Tells its secret from any other, and nothing of it.
  std::size_t proof() const;
};

struct Snapshot {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const catalog::Pool> pool;
  std::string revision;
  Offered offered;                 // to whoever may use every model
  std::vector<std::string> notes;  // what the store's reader has to tell the user
  std::string seal_key;            // proves tokens given to clients

  const Destination& destination(const route::Candidate& candidate) const;
  const Offered& offer_to(const config::Client* client) const;
  // By the SHA-256 of a token; nullptr when nobody has it.
  const config::Client* client(std::string_view token) const;

  std::map<std::string, Offered> offered_to;  // clients that may use some models only, by id
  std::vector<std::vector<Destination>> destinations;  // [provider][key], one without keys
};

// Loads and validates the store and builds everything from it. Blocking.
Result<std::shared_ptr<const Snapshot>> load_snapshot(const config::Paths& paths);

// The same for a Config already in hand.
Result<std::shared_ptr<const Snapshot>> make_snapshot(
    config::Config config, std::string revision, const catalog::ModelLists& lists,
    std::string_view catalog_template, std::shared_ptr<const catalog::FactsBook> book = nullptr,
    std::string seal_key = {}, std::vector<std::string> notes = {});

// A destination outside any pool: probes use it.
Destination make_destination(const config::Config& config, const catalog::Resolved& provider,
                             const config::Key* key);

}  // namespace tpool::proxy
