#include "proxy/inbound/routes.hpp"

#include <array>

#include "core/json/write.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/inbound/generate.hpp"
#include "proxy/inbound/responses_ws.hpp"

namespace tpool::inbound {
namespace {

enum class Handler {
  generate,
  models,
  health,
  status,
  reload,
  explain,
  concurrency,
  limit,
  budgets,
  reset,
  upgrade
};

struct Route {
  std::string_view method;
  std::string_view path;
  Access access;
  Handler handler;
  std::optional<Endpoint> endpoint = {};
};

constexpr std::array table = {
    Route{"POST", "/v1/responses", Access::generate, Handler::generate,
          Endpoint{Protocol::responses}},
    Route{"GET", "/v1/responses", Access::generate, Handler::upgrade,
          Endpoint{Protocol::responses}},
    Route{"POST", "/v1/responses/compact", Access::generate, Handler::generate,
          Endpoint{Protocol::responses, route::Operation::compact, "/responses/compact"}},
    Route{"POST", "/v1/chat/completions", Access::generate, Handler::generate,
          Endpoint{Protocol::chat}},
    Route{"POST", "/v1/embeddings", Access::generate, Handler::generate,
          Endpoint{Protocol::chat, route::Operation::embed, "/embeddings"}},
    Route{"POST", "/v1/messages", Access::generate, Handler::generate,
          Endpoint{Protocol::messages}},
    Route{"POST", "/v1/messages/count_tokens", Access::generate, Handler::generate,
          Endpoint{Protocol::messages, route::Operation::count_tokens, "/messages/count_tokens"}},
    Route{"GET", "/v1/models", Access::list, Handler::models},
    Route{"GET", "/health", Access::open, Handler::health},
    Route{"GET", "/healthz", Access::open, Handler::health},
    Route{"GET", "/readyz", Access::open, Handler::health},
    Route{"GET", "/api/health", Access::open, Handler::health},
    Route{"GET", "/api/status", Access::admin, Handler::status},
    Route{"GET", "/api/explain", Access::admin, Handler::explain},
    Route{"POST", "/api/reload", Access::admin, Handler::reload},
    Route{"POST", "/api/reset", Access::admin, Handler::reset},
    Route{"GET", "/api/budgets", Access::admin, Handler::budgets},
    Route{"GET", "/api/concurrency", Access::admin, Handler::concurrency},
    Route{"PUT", "/api/concurrency", Access::admin, Handler::limit},
};

std::string_view path_of(std::string_view target) {
  auto path = target.substr(0, std::min(target.find('?'), target.find('#')));
  constexpr std::string_view prefix = "/openai";
  if (path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/'))
    path.remove_prefix(prefix.size());
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// The value of a parameter, empty when it is named alone; nullopt when it is not there.
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto one = query.substr(0, query.find('&'));
    const auto equals = std::min(one.find('='), one.size());
    if (one.substr(0, equals) == name) return one.substr(std::min(equals + 1, one.size()));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return std::nullopt;
}

struct Found {
  const Route* route = nullptr;
  bool known_path = false;
};

Found find(const net::Head& head) {
  Found found;
  const auto path = path_of(head.target);
  for (const auto& route : table) {
    if (route.path != path) continue;
    found.known_path = true;
    if (route.method == head.method) {
      found.route = &route;
      break;
    }
  }
  return found;
}

// Nobody reads it, and it would be held for whoever sends it, known or not.
bool brings_body(const net::Head& head) { return head.chunked || head.length.value_or(0) > 0; }

std::string allowed_at(std::string_view path) {
  std::string allowed;
  for (const auto& route : table)
    if (route.path == path) allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  return allowed;
}

const protocol::Codec* protocol_of(const net::Head& head) {
  const auto path = path_of(head.target);
  for (const auto& route : table)
    if (route.path == path)
      return route.endpoint ? protocol::codec(route.endpoint->protocol) : nullptr;
  return nullptr;
}

// A refusal is the client's own fault: Kind::auth and the like are about a provider's.
ir::Failure failure_of(int status) {
  ir::Failure failure;
  failure.status = status;
  failure.kind = ir::Failure::Kind::invalid_request;
  if (status == 401) failure.code = "invalid_api_key";
  if (status == 403 || status == 421) failure.code = "forbidden";
  if (status == 413) failure.kind = ir::Failure::Kind::too_large;
  return failure;
}

std::string_view code_of(int status) {
  switch (status) {
    case 401: return "unauthorized";
    case 403:
    case 421: return "forbidden";
    case 404:
    case 405: return "not_found";
    case 408: return "timeout";
    default: return "invalid";
  }
}

}  // namespace

Routes::Routes(proxy::Services& services, admin::Api& api, ClientAuth auth)
    : services_(services), api_(api), auth_(std::move(auth)) {}

std::optional<net::Refusal> Routes::admit(const net::Head& head, bool local_socket) {
  if (!local_socket)
    if (auto refusal = auth_.check_origin(head)) return refusal;
  if ((head.method == "GET" || head.method == "HEAD") && brings_body(head))
    return net::Refusal{400, std::string(head.method) + " takes no body"};
  const auto found = find(head);
  if (head.method == "HEAD") return std::nullopt;
  if (!found.known_path)
    return net::Refusal{
        404, "there is nothing at " + net::field_value(path_of(head.target)),
        "model calls go to /v1/responses, /v1/chat/completions or /v1/messages, the list of "
        "models is /v1/models"};
  if (!found.route) {
    auto allowed = allowed_at(path_of(head.target));
    auto message = net::field_value(path_of(head.target)) + " knows " + allowed + ", not " +
                   net::field_value(head.method);
    return net::Refusal{405, std::move(message), {}, std::move(allowed)};
  }
  if (found.route->handler == Handler::upgrade) {
    if (!snapshot_->config->settings.websocket.value_or(false) || local_socket)
      return net::Refusal{426, "WebSocket is switched off; use POST"};
    if (!net::asks_for_websocket(head))
      return net::Refusal{426, "GET here is for WebSocket only; use POST"};
  }
  const auto caller = auth_.caller(head, *snapshot_, local_socket);
  if (auto refusal = ClientAuth::check_access(found.route->access, caller)) return refusal;
  if (found.route->method == "POST" && found.route->endpoint) {
    const auto type = head.get("content-type");
    if (!net::same_name(type.substr(0, 16), "application/json"))
      return net::Refusal{415, "the body must be application/json"};
  }
  return std::nullopt;
}

net::Task<> Routes::handle(net::Inbound& inbound, net::Reply& reply) {
  const auto found = find(inbound.head);
  if (inbound.head.method == "HEAD") {
    // Clients ask for the root to see whether anybody is there.
    const bool known = found.known_path || path_of(inbound.head.target) == "/";
    const int status = known ? 200 : 404;
    co_await reply.whole(status, "", std::string_view());
    co_return;
  }
  auto snapshot = snapshot_;
  auto caller = auth_.caller(inbound.head, *snapshot, inbound.local_socket);
  const auto query = query_of(inbound.head.target);
  switch (found.route->handler) {
    case Handler::generate: {
      auto who = caller ? std::move(*caller) : Caller{"anyone"};
      co_await generate(services_, std::move(snapshot), *found.route->endpoint, std::move(who),
                        inbound, reply);
      break;
    }
    case Handler::models: co_await models(inbound.head, caller, reply); break;
    case Handler::health: co_await api_.health(*snapshot, reply); break;
    case Handler::status: co_await api_.status(*snapshot, reply); break;
    case Handler::reload: co_await api_.reload(reply); break;
    case Handler::explain: co_await api_.explain(*snapshot, query, reply); break;
    case Handler::concurrency: co_await api_.concurrency(*snapshot, reply); break;
    case Handler::limit: co_await api_.set_concurrency(*snapshot, inbound.body, reply); break;
    case Handler::budgets: co_await api_.budgets(query, reply); break;
    case Handler::reset: co_await api_.reset(*snapshot, inbound.body, reply); break;
    case Handler::upgrade: break;
  }
}

bool Routes::upgrades(const net::Head& head) const {
  if (head.method == "POST") return false;
  const auto found = find(head);
  return found.route && found.route->handler == Handler::upgrade;
}

net::Task<> Routes::converse(const net::Head& head, net::Alarm& alarm, net::WebSocket& socket) {
  const auto endpoint = *find(head).route->endpoint;
  const auto first = auth_.caller(head, *snapshot_, false);
  // Who asks is looked at anew for each request: a store that was edited counts at once.
  Serve serve = [this, endpoint](cache::Turns& turns, net::Inbound& inbound,
                                 net::Reply& reply) -> net::Task<> {
    auto snapshot = snapshot_;
    auto caller = auth_.caller(inbound.head, *snapshot, false);
    const auto refusal = ClientAuth::check_access(Access::generate, caller);
    if (refusal) {
      const auto text = explain(inbound.head, *refusal);
      co_await reply.whole(refusal->status, "application/json", text);
      co_return;
    }
    auto here = endpoint;
    here.turns = &turns;
    auto who = caller ? std::move(*caller) : Caller{"anyone"};
    co_await generate(services_, std::move(snapshot), here, std::move(who), inbound, reply);
  };
  auto client = first ? first->client : std::string("anyone");
  co_await talk(services_, std::move(client), head, alarm, socket, std::move(serve));
}

net::Task<> Routes::models(const net::Head& head, const std::optional<Caller>& caller,
                           net::Reply& reply) {
  const auto snapshot = snapshot_;
  const auto query = query_of(head.target);
  if (!caller) {
    constexpr std::string_view nothing = R"({"object":"list","data":[],"models":[]})";
    co_await reply.whole(200, "application/json", nothing);
    co_return;
  }
  const auto& offered = snapshot->offer_to(caller->stored);
  reply.add("etag", offered.etag);
  reply.add("x-models-etag", offered.etag);
  if (head.get("if-none-match") == offered.etag) {
    co_await reply.whole(304, "", std::string_view());
    co_return;
  }
  const bool codex =
      parameter(query, "client_version").has_value() || head.get("originator").starts_with("codex");
  std::string_view body = offered.openai_list;
  if (codex)
    body = offered.codex_catalog;
  else if (parameter(query, "include") == "all")
    body = offered.openai_all;
  co_await reply.whole(200, "application/json", body);
}

std::string Routes::explain(const net::Head& head, const net::Refusal& refusal) {
  const auto message = refusal.message + (refusal.hint.empty() ? "" : ": " + refusal.hint);
  if (const auto* codec = protocol_of(head)) {
    auto failure = failure_of(refusal.status);
    failure.message = message;
    return codec->encode_error(failure, {}).body;
  }
  std::string text;
  json::Writer out(text);
  out.begin_object().key("error").begin_object().member("code", code_of(refusal.status));
  out.member("message", refusal.message).member("hint", refusal.hint).end_object().end_object();
  return text;
}

}  // namespace tpool::inbound
