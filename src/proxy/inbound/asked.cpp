#include "proxy/inbound/asked.hpp"

#include <algorithm>

#include "core/catalog/may_use.hpp"
#include "proxy/inbound/continuation.hpp"

namespace tpool::inbound {
namespace {

using Kind = ir::Failure::Kind;

// Longer bodies are scanned off the I/O thread, so that no stream waits behind them: the kernel
// takes longer to hand over this many bytes than the scan to read them.
constexpr std::size_t long_body = std::size_t{2} << 20;

// Longer than a slug with all that may follow it; what a client made up stands in logs and records.
constexpr std::size_t longest_model = 512;

// A name or a switch said twice means different things to different readers.
std::string ambiguous(const json::Scan& scan) {
  constexpr std::string_view id = "previous_response_id";
  const bool goes_on = std::ranges::count(scan.members, id, &json::Member::name) > 0;
  for (const std::string_view name :
       {std::string_view("model"), std::string_view("stream"), id, std::string_view("input")}) {
    if (name == "input" && !goes_on) break;
    if (std::ranges::count(scan.members, name, &json::Member::name) > 1)
      return "the request says `" + std::string(name) + "` twice";
  }
  return {};
}

bool stream_is_no_switch(const json::Scan& scan, std::string_view body) {
  for (const auto& member : scan.members)
    if (member.name == "stream" && !scan.stream &&
        body.substr(member.value.begin, member.value.end - member.value.begin) != "null")
      return true;
  return false;
}

ir::Failure refused(ir::Failure::Kind kind, int status, std::string message,
                    std::string code = {}) {
  ir::Failure failure;
  failure.kind = kind;
  failure.status = status;
  failure.message = std::move(message);
  failure.code = std::move(code);
  return failure;
}

// The model that the client may not use, if it asks for one.
std::optional<std::string> withheld(const Caller& caller, const catalog::Pool& pool,
                                    const std::string& model) {
  if (!catalog::may_ask_for(caller.stored, pool, model)) return model;
  // A name that nobody has may stand for another one.
  if (pool.resolve(model)) return std::nullopt;
  const auto* stand_in = pool.stand_in();
  if (!stand_in || catalog::may_use(caller.stored, stand_in->name)) return std::nullopt;
  return stand_in->name;
}

// What is wrong with a request before anybody is asked to serve it.
std::optional<ir::Failure> unfit(const json::Scan& scan, std::string_view body,
                                 const Caller& caller, const catalog::Pool& pool) {
  if (!scan.model || scan.model->empty())
    return refused(Kind::invalid_request, 400, "the request names no model");
  if (scan.model->size() > longest_model)
    return refused(Kind::invalid_request, 400,
                   "the model's name is longer than " + std::to_string(longest_model) + " bytes");
  if (auto twice = ambiguous(scan); !twice.empty())
    return refused(Kind::invalid_request, 400, std::move(twice));
  if (stream_is_no_switch(scan, body))
    return refused(Kind::invalid_request, 400, "`stream` must be true or false");
  if (const auto model = withheld(caller, pool, *scan.model))
    return refused(Kind::not_found, 404,
                   "client " + caller.client + " may not use model '" + *model + "'",
                   "model_not_found");
  return std::nullopt;
}

net::Task<Result<json::Scan>> scan(proxy::Services& services, std::string_view body) {
  if (body.size() <= long_body) co_return json::scan(body);
  auto work = [body] { return json::scan(body); };
  co_return co_await services.offload.run(std::move(work));
}

// Puts the earlier turns before what the client sent.
net::Task<std::optional<ir::Failure>> go_on(proxy::Services& services, const Endpoint& endpoint,
                                            const Caller& caller, net::Inbound& inbound,
                                            Asked& asked) {
  auto& nearest = endpoint.turns ? *endpoint.turns : services.turns;
  auto history = co_await nearest.history(caller.client, asked.previous);
  if (!history && endpoint.turns) {
    history = co_await services.turns.history(caller.client, asked.previous);
    if (history) {
      // From here the connection's own turns hold all of it.
      asked.previous.clear();
      asked.items = *history + (history->empty() || asked.items.empty() ? "" : ",") + asked.items;
    }
  }
  if (!history) co_return not_continued(history.error());
  if (history->size() + inbound.body.size() > net::max_body)
    co_return refused(Kind::too_large, 413, "the conversation is larger than 32 MiB");
  asked.continued = with_history(asked.scan, inbound.body, *history);
  inbound.body = asked.continued;
  auto again = co_await scan(services, inbound.body);
  if (!again) co_return refused(Kind::internal, 500, again.error().message);
  asked.scan = std::move(*again);
  co_return std::nullopt;
}

}  // namespace

net::Task<std::optional<ir::Failure>> read(proxy::Services& services, const catalog::Pool& pool,
                                           const Endpoint& endpoint, const Caller& caller,
                                           net::Inbound& inbound, Asked& asked) {
  auto scanned = co_await scan(services, inbound.body);
  if (!scanned) co_return refused(Kind::invalid_request, 400, scanned.error().message);
  if (auto bad = unfit(*scanned, inbound.body, caller, pool)) co_return bad;
  asked.scan = std::move(*scanned);
  if (endpoint.protocol != Protocol::responses) co_return std::nullopt;
  asked.previous = previous_of(asked.scan, inbound.body);
  asked.keepable = wants_keeping(asked.scan, inbound.body);
  if (endpoint.turns || !asked.previous.empty() || asked.keepable)
    asked.items = own_items(asked.scan, inbound.body);
  if (asked.previous.empty()) co_return std::nullopt;
  co_return co_await go_on(services, endpoint, caller, inbound, asked);
}

}  // namespace tpool::inbound
