#include "proxy/snapshot.hpp"

#include <functional>

#include "core/catalog/facts_file.hpp"
#include "core/catalog/may_use.hpp"
#include "core/catalog/model_lists.hpp"
#include "core/config/store.hpp"
#include "core/config/way_out.hpp"
#include "core/connect/kept_entry.hpp"
#include "core/digest.hpp"
#include "proxy/net/head.hpp"
#include "proxy/seal_key.hpp"

namespace tpool::proxy {
namespace {

std::string auth_field(Auth auth, const config::Secret& secret) {
  if (secret.empty()) return {};
  switch (auth) {
    case Auth::bearer: return "authorization: Bearer " + secret.reveal() + "\r\n";
    case Auth::x_api_key: return "x-api-key: " + secret.reveal() + "\r\n";
    case Auth::x_goog_api_key: return "x-goog-api-key: " + secret.reveal() + "\r\n";
    case Auth::none: return {};
  }
  return {};
}

}  // namespace

Destination make_destination(const config::Config& config, const catalog::Resolved& provider,
                             const config::Key* key) {
  Destination made;
  if (provider.protocol == Protocol::echo) return made;
  const auto way = config::way_out(config, *provider.stored, key, provider.base_url,
                                   config::process_environment());
  auto origin = net::make_origin(provider.base_url, way.proxy);
  if (!origin) {
    made.problem = origin.error();
    if (net::make_origin(provider.base_url, "direct"))
      made.problem = invalid(way.from + ": " + origin.error().message,
                             "name an HTTP proxy, or none: tpool config set proxy direct");
    return made;
  }
  made.origin = std::move(*origin);
  if (key && provider.auth != Auth::none) {
    auto secret = config::resolve(key->secret);
    if (!secret) {
      made.problem = secret.error();
      return made;
    }
    made.secret = std::move(*secret);
  }
  made.fields = auth_field(provider.auth, made.secret);
  for (const auto& [name, value] : provider.stored->headers)
    made.fields.append(name).append(": ").append(value).append("\r\n");
  return made;
}

std::size_t Destination::proof() const { return std::hash<std::string>()(secret.reveal()); }

const Offered& Snapshot::offer_to(const config::Client* client) const {
  if (!client || offered_to.empty()) return offered;
  const auto found = offered_to.find(client->id);
  return found == offered_to.end() ? offered : found->second;
}

const Destination& Snapshot::destination(const route::Candidate& candidate) const {
  const auto provider = static_cast<std::size_t>(candidate.provider - pool->providers.data());
  const auto key =
      candidate.key
          ? static_cast<std::size_t>(candidate.key - candidate.provider->stored->keys.data())
          : 0;
  return destinations[provider][key];
}

const config::Client* Snapshot::client(std::string_view token) const {
  const auto hash = sha256_hex(token);
  const config::Client* found = nullptr;
  // All are compared, so that time says nothing about which one matched.
  for (const auto& client : config->clients)
    if (equal_constant_time(client.token_sha256, hash)) found = &client;
  return found;
}

Result<std::shared_ptr<const Snapshot>> make_snapshot(
    config::Config config, std::string revision, const catalog::ModelLists& lists,
    std::string_view catalog_template, std::shared_ptr<const catalog::FactsBook> book,
    std::string seal_key, std::vector<std::string> notes) {
  auto made = std::make_shared<Snapshot>();
  made->notes = std::move(notes);
  made->seal_key = std::move(seal_key);
  made->config = std::make_shared<const config::Config>(std::move(config));
  made->revision = revision;
  auto pool = catalog::build(made->config, lists, std::move(revision), std::move(book));
  if (!pool) return pool.error();
  made->pool = std::move(*pool);
  for (const auto& provider : made->pool->providers) {
    auto& row = made->destinations.emplace_back();
    if (provider.stored->keys.empty())
      row.push_back(make_destination(*made->config, provider, nullptr));
    for (const auto& key : provider.stored->keys)
      row.push_back(make_destination(*made->config, provider, &key));
  }
  made->offered = offer(*made->pool, catalog_template, nullptr);
  for (const auto& client : made->config->clients)
    if (!catalog::may_use_all(&client))
      made->offered_to.emplace(client.id, offer(*made->pool, catalog_template, &client));
  return std::shared_ptr<const Snapshot>(std::move(made));
}

Result<std::shared_ptr<const Snapshot>> load_snapshot(const config::Paths& paths) {
  const config::Store store(paths);
  auto loaded = store.load();
  if (!loaded) return loaded.error();
  auto lists = catalog::load_model_lists(paths);
  if (!lists) return lists.error();
  auto book = catalog::load_facts(paths);
  if (!book) return book.error();
  return make_snapshot(std::move(loaded->config), std::move(loaded->revision), *lists,
                       connect::kept_entry(paths), std::move(*book), seal_key(paths),
                       std::move(loaded->notes));
}

}  // namespace tpool::proxy
