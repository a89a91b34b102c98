// The part of the admin API that changes what may run: limits and resets.
#include "core/config/edit_limit.hpp"
#include "core/config/store.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "proxy/admin/api.hpp"
#include "proxy/admin/concurrency.hpp"

namespace tpool::admin {
namespace {

constexpr std::string_view json_type = "application/json";

struct Named {
  std::string provider;
  std::string key;
};

// Whom to reset; an empty body means everybody.
Result<Named> read_named(std::string_view body, const proxy::Snapshot& snapshot) {
  Named named;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return named;
  const auto document = json::Document::parse(body, "request body");
  if (!document) return document.error();
  const auto root = document->root();
  if (!root.is_object()) return invalid("the body is not an object");
  for (const char* name : {"provider", "key"})
    if (root[name] && !root[name].is_string()) return invalid(std::string(name) + " is no string");
  named.provider = root["provider"].string_or("");
  named.key = root["key"].string_or("");
  if (named.provider.empty()) {
    if (!named.key.empty()) return invalid("a key needs its provider");
    return named;
  }
  for (const auto& provider : snapshot.config->providers) {
    if (provider.id != named.provider) continue;
    if (named.key.empty()) return named;
    for (const auto& key : provider.keys)
      if (key.id == named.key) return named;
    return not_found(named.provider + " has no key " + named.key,
                     "tpool key list " + named.provider + " shows them");
  }
  return not_found("there is no provider " + named.provider, "tpool provider list shows them");
}

}  // namespace

net::Task<> Api::concurrency(const proxy::Snapshot& snapshot, net::Reply& reply) {
  const auto now = std::chrono::system_clock::now();
  const auto text = concurrency_json(services_.deployments, snapshot, now);
  co_await reply.whole(200, json_type, text);
}

net::Task<> Api::set_concurrency(const proxy::Snapshot& snapshot, std::string_view body,
                                 net::Reply& reply) {
  const auto understood = understand(body, services_.deployments, snapshot);
  if (understood.refused) {
    co_await tell(understood.refused->status, understood.refused->error, reply);
    co_return;
  }
  const auto& wish = *understood.wish;
  bool persisted = false;
  if (wish.persist && paths_) {
    auto work = [paths = *paths_, wish] {
      return config::Store(paths).update([&](config::Config& config) {
        return config::set_concurrency(config, wish.provider, wish.listed, {}, wish.limit);
      });
    };
    const auto written = co_await services_.offload.run(std::move(work));
    if (!written) {
      co_await tell(503, written.error(), reply);
      co_return;
    }
    persisted = true;
  }
  const auto now = std::chrono::system_clock::now();
  const auto text = set_limit(wish, services_.deployments, snapshot, persisted, now);
  co_await reply.whole(200, json_type, text);
}

net::Task<> Api::reset(const proxy::Snapshot& snapshot, std::string_view body, net::Reply& reply) {
  const auto named = read_named(body, snapshot);
  if (!named) {
    const int status = named.error().code == Code::not_found ? 404 : 400;
    co_await tell(status, named.error(), reply);
    co_return;
  }
  const auto now = std::chrono::system_clock::now();
  const auto count = services_.deployments.reset(named->provider, named->key, now);
  services_.keeper.changed();
  services_.line.call_all();
  // A secret that the store only points at may be another one by now.
  const auto reloaded = co_await reload_();
  (void)reloaded;
  std::string text;
  json::Writer out(text);
  out.begin_object().member("reset", count).end_object();
  co_await reply.whole(200, json_type, text);
}

}  // namespace tpool::admin
