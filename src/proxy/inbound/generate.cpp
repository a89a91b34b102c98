#include "proxy/inbound/generate.hpp"

#include <algorithm>
#include <charconv>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"
#include "core/protocol/seal.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/inbound/continuation.hpp"

namespace tpool::inbound {
namespace {

// Longer bodies are scanned off the I/O thread, so that no stream waits behind them: the kernel
// takes longer to hand over this many bytes than the scan to read them.
constexpr std::size_t long_body = std::size_t{2} << 20;
// How long a turn can be gone on from, unless the store says.
constexpr Milliseconds default_life{720LL * 3'600'000};

std::string next_id() {
  static std::uint64_t count = 0;
  static const auto origin = static_cast<std::uint64_t>(
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  char text[40] = "req_";
  char* const end = text + sizeof text;
  char* at = std::to_chars(text + 4, end, origin, 16).ptr;
  *at++ = '_';
  at = std::to_chars(at, end, ++count, 16).ptr;
  return {text, at};
}

route::Class class_of(const net::Head& head) {
  const auto kind = head.get("x-openai-subagent");
  if (kind.empty()) return route::Class::interactive;
  if (kind == "guardian" || kind == "memory_consolidation") return route::Class::background;
  return route::Class::subagent;
}

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

bool has_member(const json::Scan& scan, std::string_view name) {
  return std::ranges::find(scan.members, name, &json::Member::name) != scan.members.end();
}

// Only Chat clients have a choice, and theirs is no.
bool wants_usage(Protocol protocol, const json::Scan& scan, std::string_view body) {
  if (protocol != Protocol::chat) return true;
  for (const auto& member : scan.members) {
    if (member.name != "stream_options") continue;
    const auto options = json::Document::parse(
        body.substr(member.value.begin, member.value.end - member.value.begin));
    return options && options->root()["include_usage"].boolean().value_or(false);
  }
  return false;
}

// Who can go on from what earlier compactions left in the request.
void read_compactions(const json::Scan& scan, std::string_view body, route::Envelope& envelope) {
  for (const auto& sealed : scan.sealed) {
    if (!sealed.compaction) continue;
    const auto text =
        body.substr(sealed.value.begin + 1, sealed.value.end - sealed.value.begin - 2);
    if (protocol::is_summary(text))
      envelope.summarized = true;
    else if (auto opaque = protocol::unseal(text, "encrypted_content"); !opaque.provider.empty())
      envelope.maker = std::move(opaque.provider);
  }
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

// What is wrong with a request before anybody is asked to serve it.
std::optional<ir::Failure> unfit(const json::Scan& scan, std::string_view body,
                                 const Caller& caller) {
  using Kind = ir::Failure::Kind;
  if (!scan.model || scan.model->empty())
    return refused(Kind::invalid_request, 400, "the request names no model");
  if (auto twice = ambiguous(scan); !twice.empty())
    return refused(Kind::invalid_request, 400, std::move(twice));
  if (stream_is_no_switch(scan, body))
    return refused(Kind::invalid_request, 400, "`stream` must be true or false");
  if (!may_use(caller.stored, *scan.model))
    return refused(Kind::not_found, 404,
                   "client " + caller.client + " may not use model '" + *scan.model + "'",
                   "model_not_found");
  return std::nullopt;
}

}  // namespace

net::Task<> generate(proxy::Services& services, std::shared_ptr<const proxy::Snapshot> snapshot,
                     Endpoint endpoint, Caller caller, net::Inbound& inbound, net::Reply& reply) {
  using Kind = ir::Failure::Kind;
  const auto protocol = endpoint.protocol;
  const auto& codec = *protocol::codec(protocol);
  const auto started = std::chrono::steady_clock::now();
  auto id = next_id();
  reply.add("x-tpool-request-id", id);
  reply.add("x-models-etag", snapshot->etag);

  Result<json::Scan> scanned = Error{};
  if (inbound.body.size() > long_body) {
    auto work = [body = inbound.body] { return json::scan(body); };
    scanned = co_await services.offload.run(std::move(work));
  } else {
    scanned = json::scan(inbound.body);
  }
  protocol::ReplyContext context;
  std::optional<ir::Failure> bad;
  if (!scanned)
    bad = refused(Kind::invalid_request, 400, scanned.error().message);
  else
    bad = unfit(*scanned, inbound.body, caller);
  std::string previous;
  std::string items;
  const bool turns = !bad && protocol == Protocol::responses;
  if (turns) previous = previous_of(*scanned, inbound.body);
  if (turns && (endpoint.turns || !previous.empty() || wants_keeping(*scanned, inbound.body)))
    items = own_items(*scanned, inbound.body);
  std::string continued;
  if (!previous.empty()) {
    auto& nearest = endpoint.turns ? *endpoint.turns : services.turns;
    auto history = co_await nearest.history(caller.client, previous);
    if (!history && endpoint.turns) {
      history = co_await services.turns.history(caller.client, previous);
      if (history) {
        // From here the connection's own turns hold all of it.
        previous.clear();
        items = *history + (history->empty() || items.empty() ? "" : ",") + items;
      }
    }
    if (!history) {
      bad = not_continued(history.error());
    } else if (history->size() + inbound.body.size() > net::max_body) {
      bad = refused(Kind::too_large, 413, "the conversation is larger than 32 MiB");
    } else {
      continued = with_history(*scanned, inbound.body, *history);
      inbound.body = continued;
      auto work = [body = inbound.body] { return json::scan(body); };
      scanned = co_await services.offload.run(std::move(work));
      if (!scanned) bad = refused(Kind::internal, 500, scanned.error().message);
    }
  }
  if (bad) {
    exchange::Answer answer(reply, codec, context, false);
    co_await answer.fail(*bad);
    co_return;
  }

  const auto body = inbound.body;
  auto scan = std::move(*scanned);
  const bool generation = endpoint.operation == route::Operation::generate;
  const bool stream = generation && scan.stream.value_or(false);
  context.model = *scan.model;
  context.usage_wanted = !stream || wants_usage(protocol, scan, body);
  const bool compact = endpoint.operation == route::Operation::compact;
  context.compaction = compact || scan.compaction_trigger;
  context.compact_reply = compact;
  context.legacy_calls = protocol == Protocol::chat && has_member(scan, "functions");
  context.answer_id = id;
  context.seal_key = snapshot->seal_key;
  context.created_at = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  exchange::Answer answer(reply, codec, std::move(context), stream);
  route::Envelope envelope;
  envelope.protocol = protocol;
  envelope.model = *scan.model;
  envelope.session = scan.session;
  envelope.client = caller.client;
  envelope.bytes = body.size();
  envelope.stream = stream;
  envelope.tools = scan.tools;
  envelope.images = scan.images;
  envelope.request_class = class_of(inbound.head);
  envelope.operation = endpoint.operation;
  envelope.compaction = answer.context().compaction;
  read_compactions(scan, body, envelope);
  observe::Record record;
  record.id = std::move(id);
  record.time = std::chrono::system_clock::now();
  record.client = caller.client;
  record.protocol = to_string(protocol);
  record.requested = envelope.model;
  exchange::Exchange exchange{
      services,        std::move(snapshot), inbound, answer,       std::move(envelope),
      std::move(scan), std::move(record),   started, endpoint.path};
  answer.about(exchange.scan, body);
  const auto life = exchange.snapshot->config->settings.keep_turns.value_or(default_life);
  const bool keeps = turns && generation &&
                     (endpoint.turns || (life.count() > 0 && wants_keeping(exchange.scan, body)));
  TurnKeeper keeper(endpoint.turns ? *endpoint.turns : services.turns, life,
                    {exchange.envelope.client, {}, std::move(previous), std::move(items)});
  if (keeps) answer.listen(keeper);
  co_await exchange::run(exchange);
  if (keeps) keeper.keep();
}

}  // namespace tpool::inbound
