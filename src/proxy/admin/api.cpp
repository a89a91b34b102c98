#include "proxy/admin/api.hpp"

#include <unistd.h>

#include "core/json/write.hpp"
#include "core/route/plan_json.hpp"
#include "proxy/admin/budgets.hpp"
#include "proxy/admin/explain.hpp"
#include "proxy/admin/key_state.hpp"
#include "proxy/admin/query.hpp"

namespace tpool::admin {
namespace {

constexpr std::string_view json_type = "application/json";

}  // namespace

net::Task<> tell(int status, const Error& error, net::Reply& reply) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("error").begin_object().member("code", to_string(error.code));
  out.member("message", error.message).member("hint", error.hint).end_object().end_object();
  co_await reply.whole(status, json_type, text);
}

Api::Api(proxy::Services& services, std::optional<config::Paths> paths, Reload reload,
         std::string listen)
    : services_(services),
      paths_(std::move(paths)),
      reload_(std::move(reload)),
      listen_(std::move(listen)),
      started_(std::chrono::steady_clock::now()) {}

net::Task<> Api::health(const proxy::Snapshot& snapshot, net::Reply& reply) {
  std::size_t keys = 0;
  std::size_t ready = 0;
  const auto now = std::chrono::system_clock::now();
  each_key(snapshot, [&](std::size_t provider, const config::Key* key) {
    ++keys;
    ready += key_state(services_.deployments, snapshot, provider, key, now).ready;
  });
  const bool up = keys == 0 || ready > 0;
  std::string text;
  json::Writer out(text);
  out.begin_object().member("status", up ? "ok" : "unavailable");
  out.member("providers", snapshot.pool->providers.size()).member("keys", keys);
  out.member("keys_ready", ready).member("revision", snapshot.revision).end_object();
  const int status = up ? 200 : 503;
  co_await reply.whole(status, json_type, text);
}

net::Task<> Api::status(const proxy::Snapshot& snapshot, net::Reply& reply) {
  const auto up =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const auto& counters = services_.observer.counters();
  std::string text;
  json::Writer out(text);
  out.begin_object().member("version", TPOOL_VERSION).member("listen", listen_);
  out.member("pid", static_cast<std::int64_t>(::getpid())).member("uptime_s", up);
  out.member("revision", snapshot.revision).member("etag", snapshot.offered.etag);
  out.key("store_problem");
  if (store_problem_.empty())
    out.null();
  else
    out.string(store_problem_);
  out.member("models", snapshot.pool->entries.size()).key("requests").begin_object();
  out.member("total", counters.requests).member("in_flight", counters.in_flight);
  out.member("served", counters.served).member("failed", counters.failed);
  out.member("cancelled", counters.cancelled).member("attempts", counters.attempts).end_object();
  out.key("providers").begin_array();
  const catalog::Resolved* last = nullptr;
  const auto now = std::chrono::system_clock::now();
  each_key(snapshot, [&](std::size_t index, const config::Key* key) {
    const auto& provider = snapshot.pool->providers[index];
    if (&provider != last) {
      if (last) out.end_array().end_object();
      out.begin_object().member("id", provider.id).member("name", provider.name);
      out.member("protocol", to_string(provider.protocol)).key("keys").begin_array();
      last = &provider;
    }
    const auto state = key_state(services_.deployments, snapshot, index, key, now);
    out.begin_object().member("id", key ? std::string_view(key->id) : std::string_view());
    out.member("state", state.state).key("reason");
    if (state.reason.empty())
      out.null();
    else
      out.string(state.reason);
    out.key("until");
    if (state.until)
      out.string(observe::rfc3339(*state.until));
    else
      out.null();
    out.end_object();
  });
  if (last) out.end_array().end_object();
  out.end_array().key("budgets");
  write_budgets(out, budgets_of_today());
  out.key("recent").begin_array();
  for (const auto& kept : services_.observer.recent()) out.raw(observe::to_json(kept.record));
  out.end_array().end_object();
  co_await reply.whole(200, json_type, text);
}

const route::Budgets& Api::budgets_of_today() {
  const auto now = std::chrono::system_clock::now();
  auto& budgets = services_.budgets;
  if (!budgets.day().holds(now)) budgets.turn(route::local_day(now));
  return budgets;
}

net::Task<> Api::budgets(std::string_view query, net::Reply& reply) {
  const auto parameters = read_query(query);
  if (!parameters) {
    co_await tell(400, parameters.error(), reply);
    co_return;
  }
  std::string store;
  for (const auto& [name, value] : *parameters)
    if (name == "store") store = value;
  if (const auto ours = check_store(store); !ours) {
    co_await tell(409, ours.error(), reply);
    co_return;
  }
  std::string text;
  json::Writer out(text);
  write_budgets(out, budgets_of_today());
  co_await reply.whole(200, json_type, text);
}

net::Task<> Api::reload(net::Reply& reply) {
  const auto done = co_await reload_();
  std::string text;
  json::Writer out(text);
  if (done) {
    out.begin_object().member("reloaded", true).end_object();
    co_await reply.whole(200, json_type, text);
    co_return;
  }
  co_await tell(400, done.error(), reply);
}

Result<> Api::check_store(const std::filesystem::path& store) const {
  if (!paths_ || store.empty()) return {};
  std::error_code failed;
  const auto own = std::filesystem::absolute(paths_->store, failed);
  if (own.lexically_normal() == store.lexically_normal() ||
      std::filesystem::equivalent(own, store, failed))
    return {};
  return conflict("tpool serve runs with another store, " + paths_->store.string());
}

net::Task<> Api::explain(const proxy::Snapshot& snapshot, std::string_view query,
                         net::Reply& reply) {
  auto asked = read_question(query);
  if (!asked) {
    co_await tell(400, asked.error(), reply);
    co_return;
  }
  if (const auto ours = check_store(asked->store); !ours) {
    co_await tell(409, ours.error(), reply);
    co_return;
  }
  asked->hour = route::hour_of_day(std::time(nullptr));
  const auto now = std::chrono::system_clock::now();
  const route::AskedSession session{asked->session,
                                    services_.experience.sessions.find(asked->session), now};
  if (session.known) go_on_from(*session.known, *asked);
  const auto plan = route::plan(*snapshot.pool, *asked, services_.deployments, now,
                                &services_.experience, &services_.budgets);
  if (!plan) {
    co_await tell(404, plan.error(), reply);
    co_return;
  }
  std::string text;
  json::Writer out(text);
  route::write_plan(out, *plan, asked->session.empty() ? nullptr : &session);
  co_await reply.whole(200, json_type, text);
}

}  // namespace tpool::admin
