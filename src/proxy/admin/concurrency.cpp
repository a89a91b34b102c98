#include "proxy/admin/concurrency.hpp"

#include <algorithm>
#include <set>

#include "core/config/edit.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::admin {
namespace {

using std::chrono::minutes;

struct Totals {
  int in_use = 0;
  int limit = 0;
  bool limited = false;    // at least one key has a limit
  bool monitored = false;  // at least one has none
  std::int64_t requests_1m = 0;
  std::int64_t requests_5m = 0;
  std::int64_t tokens_1m = 0;
  std::int64_t tokens_5m = 0;
  std::optional<Milliseconds> oldest = {};

  void add(std::optional<int> its) {
    limit += its.value_or(0);
    (its ? limited : monitored) = true;
  }
  void add(const route::Deployment& one, TimePoint now) {
    add(one.slots.limit());
    in_use += one.slots.counts().in_use;
    requests_1m += one.pacer.requests(now, minutes(1));
    requests_5m += one.pacer.requests(now, minutes(5));
    tokens_1m += one.pacer.tokens(now, minutes(1));
    tokens_5m += one.pacer.tokens(now, minutes(5));
    oldest = std::max(oldest, one.slots.oldest_wait(now));
  }
};

void write_use(json::Writer& out, int in_use, std::optional<int> limit) {
  out.member("mode", limit ? "limited" : "monitor").member("in_use", in_use);
  out.member("limit", limit);
  out.key("available");
  if (limit)
    out.integer(std::max(0, *limit - in_use));
  else
    out.null();
}

void write_counts(json::Writer& out, const route::QueueCounts& counts, TimePoint now) {
  out.member("pending", counts.pending).member("peak_pending_recent", counts.peak.peak(now));
  out.member("queued_total", counts.queued_total).member("timeouts_total", counts.timeouts_total);
  const auto wait = [&](const char* name, double share) {
    const auto span = counts.waits.quantile(share);
    out.member(name, span ? std::optional(std::int64_t{span->count()}) : std::nullopt);
  };
  wait("wait_p50_ms", 0.5);
  wait("wait_p99_ms", 0.99);
}

void write_totals(json::Writer& out, const Totals& totals) {
  out.member("oldest_wait_ms",
             totals.oldest ? std::optional(std::int64_t{totals.oldest->count()}) : std::nullopt);
  out.member("requests_1m", totals.requests_1m).member("requests_5m", totals.requests_5m);
  out.member("tokens_1m", totals.tokens_1m).member("tokens_5m", totals.tokens_5m);
}

// The models sent to one provider, by name.
std::set<std::string> models_of(const proxy::Snapshot& snapshot, std::size_t provider) {
  std::set<std::string> models;
  for (const auto& entry : snapshot.pool->entries)
    for (const auto& route : entry.routes)
      if (route.provider == provider) models.insert(route.upstream);
  return models;
}

template <class Visit>
void each_key_of(const catalog::Resolved& provider, Visit visit) {
  if (provider.stored->keys.empty()) visit(std::string_view());
  for (const auto& key : provider.stored->keys) visit(std::string_view(key.id));
}

Totals totals_of(const route::Deployments& deployments, const catalog::Resolved& provider,
                 std::string_view model, TimePoint now) {
  Totals totals;
  each_key_of(provider, [&](std::string_view key) {
    const route::Where where{provider.id, key, model};
    if (const auto* one = deployments.find(where))
      totals.add(*one, now);
    else
      totals.add(deployments.limit(where));
  });
  return totals;
}

// Of all keys together, none unless each has one.
std::optional<int> limit_of(const Totals& totals, const route::ProviderNode* node) {
  if (!totals.limited || totals.monitored) return std::nullopt;
  return std::min(totals.limit, node ? node->slots.limit().value_or(totals.limit) : totals.limit);
}

void write_row(json::Writer& out, const route::Deployments& deployments,
               const catalog::Resolved& provider, std::string_view model, TimePoint now) {
  const auto totals = totals_of(deployments, provider, model, now);
  const auto* node = deployments.provider(provider.id);
  write_use(out, totals.in_use, limit_of(totals, node));
  const route::QueueCounts none;
  const route::QueueCounts* counts = &none;
  if (node)
    if (const auto row = node->rows.find(model); row != node->rows.end())
      counts = row->second.get();
  write_counts(out, *counts, now);
  write_totals(out, totals);
  out.key("keys").begin_array();
  each_key_of(provider, [&](std::string_view key) {
    const route::Where where{provider.id, key, model};
    const auto* one = deployments.find(where);
    out.begin_object().member("id", key);
    if (!one) {
      write_use(out, 0, deployments.limit(where));
      write_counts(out, none, now);
      write_totals(out, {});
      out.member("state", deployments.look(where, {now}).state).end_object();
      return;
    }
    write_use(out, one->slots.counts().in_use, one->slots.limit());
    write_counts(out, one->slots.counts(), now);
    Totals own;
    own.add(*one, now);
    write_totals(out, own);
    out.member("state", deployments.look(one->where(), {now}).state);
    const auto rate = [&](const char* name, const std::optional<std::int64_t>& said) {
      out.member(name, said);
    };
    rate("rpm", one->pacer.limits().rpm);
    rate("tpm", one->pacer.limits().tpm);
    rate("tokens_5m_limit", one->pacer.limits().tokens_5m);
    rate("reported_requests", one->learned.request_limit());
    rate("reported_tokens", one->learned.token_limit());
    out.end_object();
  });
  out.end_array();
}

Refused refuse(int status, Error error) { return {status, std::move(error)}; }

std::string listed(const std::vector<std::string>& near) {
  std::string text;
  for (const auto& one : near) text += (text.empty() ? "did you mean " : " or ") + one;
  return text.empty() ? "tpool limit list --all, or GET /api/concurrency, lists them" : text;
}

std::optional<Refused> read_wish(std::string_view body, LimitWish& wish) {
  const auto document = json::Document::parse(body, "request body");
  if (!document) return refuse(400, document.error());
  const auto root = document->root();
  const auto wrong = [](std::string message) {
    return refuse(400, invalid(std::move(message),
                               R"(send {"provider": "...", "model": "...", "limit": 4})"));
  };
  if (!root.is_object()) return wrong("the body is not an object");
  for (const char* name : {"provider", "model", "limit"})
    if (!root[name]) return wrong(std::string(name) + " is missing");
  for (const char* name : {"provider", "model"})
    if (!root[name].is_string()) return wrong(std::string(name) + " is not a string");
  const auto limit = root["limit"].integer();
  if (!limit) return wrong("limit is not an integer");
  if (root["key"] && !root["key"].is_string()) return wrong("key is not a string");
  if (root["persist"] && !root["persist"].is_bool()) return wrong("persist is not a boolean");
  if (*limit < 1 || *limit > 1024) return wrong("limit is outside 1..1024");
  if (root["key"] && root["persist"].boolean_or(false))
    return wrong("the store keeps a limit for a model, not for one key of it: leave out persist");
  wish.provider = *root["provider"].string();
  wish.model = *root["model"].string();
  if (root["key"]) wish.key = *root["key"].string();
  wish.limit = static_cast<int>(*limit);
  wish.persist = root["persist"].boolean_or(false);
  return std::nullopt;
}

// Of the provider's slugs, the one whose model has this name, or is sent by it.
const catalog::Entry* slug_of(const proxy::Snapshot& snapshot, std::size_t provider,
                              const std::string& model) {
  const auto slug = snapshot.pool->providers[provider].id + "/" + model;
  const catalog::Entry* sent_so = nullptr;
  for (const auto& entry : snapshot.pool->entries) {
    if (entry.kind != catalog::Entry::Kind::slug || entry.routes[0].provider != provider) continue;
    if (entry.name == slug) return &entry;
    if (!sent_so && entry.routes[0].upstream == model) sent_so = &entry;
  }
  return sent_so;
}

bool find_model(const proxy::Snapshot& snapshot, std::size_t provider, LimitWish& wish) {
  wish.listed = wish.model;
  if (const auto* entry = slug_of(snapshot, provider, wish.model)) {
    wish.listed = entry->name.substr(snapshot.pool->providers[provider].id.size() + 1);
    wish.model = entry->routes[0].upstream;
    return true;
  }
  // A rule may name what the provider does not list.
  return models_of(snapshot, provider).contains(wish.model);
}

}  // namespace

std::string concurrency_json(const route::Deployments& deployments, const proxy::Snapshot& snapshot,
                             TimePoint now) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("window_s", 10).key("providers").begin_object();
  for (std::size_t i = 0; i < snapshot.pool->providers.size(); ++i) {
    const auto& provider = snapshot.pool->providers[i];
    const auto* node = deployments.provider(provider.id);
    const route::SlotPool none;
    const auto& slots = node ? node->slots : none;
    out.key(provider.id).begin_object();
    write_use(out, slots.counts().in_use, slots.limit());
    write_counts(out, slots.counts(), now);
    out.key("models").begin_object();
    for (const auto& model : models_of(snapshot, i)) {
      out.key(model).begin_object();
      write_row(out, deployments, provider, model, now);
      out.end_object();
    }
    out.end_object().end_object();
  }
  out.end_object().end_object();
  return text;
}

Understood understand(std::string_view body, route::Deployments& deployments,
                      const proxy::Snapshot& snapshot) {
  LimitWish wish;
  if (auto wrong = read_wish(body, wish)) return {{}, std::move(wrong)};
  std::vector<std::string> ids;
  for (const auto& provider : snapshot.pool->providers) ids.push_back(provider.id);
  const auto found = std::ranges::find(ids, wish.provider);
  if (found == ids.end())
    return {{},
            refuse(404, not_found("there is no provider " + wish.provider,
                                  listed(config::nearest(wish.provider, ids))))};
  const auto index = static_cast<std::size_t>(found - ids.begin());
  const auto& provider = snapshot.pool->providers[index];
  if (!find_model(snapshot, index, wish)) {
    const auto models = models_of(snapshot, index);
    return {{},
            refuse(404,
                   not_found(wish.provider + " does not serve " + wish.model,
                             listed(config::nearest(wish.model, {models.begin(), models.end()}))))};
  }
  bool any = false;
  bool limited = false;
  each_key_of(provider, [&](std::string_view key) {
    if (wish.key && *wish.key != key) return;
    any = true;
    limited = limited || deployments.at({provider.id, key, wish.model}).slots.limit().has_value();
  });
  if (!any)
    return {{},
            refuse(404, not_found(wish.provider + " has no key " + *wish.key,
                                  "tpool key list " + wish.provider + " shows them"))};
  if (!limited)
    return {{},
            refuse(422, conflict(wish.provider + "/" + wish.model +
                                     " is only monitored: it has no limit to change",
                                 "tpool limit set " + wish.provider + "/" + wish.model + " " +
                                     std::to_string(wish.limit) + " --persist gives it one"))};
  return {std::move(wish), {}};
}

std::string set_limit(const LimitWish& wish, route::Deployments& deployments,
                      const proxy::Snapshot& snapshot, bool persisted, TimePoint now) {
  const auto provider =
      std::ranges::find(snapshot.pool->providers, wish.provider, &catalog::Resolved::id);
  const auto before = totals_of(deployments, *provider, wish.model, now);
  auto previous = limit_of(before, deployments.provider(wish.provider));
  each_key_of(*provider, [&](std::string_view key) {
    if (wish.key && *wish.key != key) return;
    auto& slots = deployments.at({wish.provider, key, wish.model}).slots;
    if (wish.key) previous = slots.limit();
    slots.set_limit(wish.limit, now);
  });
  deployments.fit_cap(wish.provider, now);
  std::string text;
  json::Writer out(text);
  out.begin_object().member("provider", wish.provider).member("model", wish.model);
  out.member("key", wish.key).member("previous_limit", previous).member("persisted", persisted);
  write_row(out, deployments, *provider, wish.model, now);
  out.end_object();
  return text;
}

}  // namespace tpool::admin
