#include "proxy/inbound/generate.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"
#include "core/protocol/seal.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/inbound/asked.hpp"
#include "proxy/inbound/continuation.hpp"
#include "proxy/inbound/request_class.hpp"

namespace tpool::inbound {
namespace {

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

// Codex says it in the body, Claude Code and opencode in the head.
std::string session_of(const net::Head& head, const json::Scan& scan) {
  if (!scan.session.empty()) return scan.session;
  if (const auto id = head.get("x-claude-code-session-id"); !id.empty()) return std::string(id);
  return std::string(head.get("x-session-affinity"));
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

protocol::ReplyContext context_of(const Endpoint& endpoint, const json::Scan& scan,
                                  std::string_view body, const std::string& id, bool stream,
                                  const proxy::Snapshot& snapshot) {
  const bool compact = endpoint.operation == route::Operation::compact;
  const bool chat = endpoint.protocol == Protocol::chat;
  protocol::ReplyContext context;
  context.model = *scan.model;
  context.usage_wanted = !stream || wants_usage(endpoint.protocol, scan, body);
  context.compaction = compact || scan.compaction_trigger;
  context.compact_reply = compact;
  context.legacy_calls = chat && has_member(scan, "functions");
  context.answer_id = id;
  context.seal_key = snapshot.seal_key;
  context.told_wait = snapshot.config->routing.told_wait;
  context.created_at = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  return context;
}

route::Envelope envelope_of(const Endpoint& endpoint, const json::Scan& scan,
                            const net::Inbound& inbound, const Caller& caller, bool stream) {
  route::Envelope envelope;
  envelope.protocol = endpoint.protocol;
  envelope.model = *scan.model;
  envelope.session = session_of(inbound.head, scan);
  envelope.client = caller.client;
  envelope.bytes = inbound.body.size();
  envelope.prompt_tokens = route::estimated_tokens(inbound.body.size());
  envelope.hour = route::hour_of_day(std::time(nullptr));
  envelope.stream = stream;
  envelope.tools = scan.tools;
  envelope.images = scan.images;
  envelope.request_class = class_of(endpoint, inbound.head, scan, inbound.body);
  envelope.said = route::explicit_priority(inbound.head.get(route::priority_header), scan.priority,
                                           scan.service_tier);
  envelope.operation = endpoint.operation;
  envelope.compaction = endpoint.operation == route::Operation::compact || scan.compaction_trigger;
  read_compactions(scan, inbound.body, envelope);
  return envelope;
}

observe::Record record_of(const Endpoint& endpoint, const json::Scan& scan, const Caller& caller,
                          std::string id) {
  observe::Record record;
  record.id = std::move(id);
  record.time = std::chrono::system_clock::now();
  record.client = caller.client;
  record.protocol = to_string(endpoint.protocol);
  record.requested = *scan.model;
  return record;
}

// False when the client was told what is wrong instead.
net::Task<bool> understood(proxy::Services& services, const catalog::Pool& pool,
                           const Endpoint& endpoint, const Caller& caller, net::Inbound& inbound,
                           net::Reply& reply, Asked& asked) {
  const auto bad = co_await read(services, pool, endpoint, caller, inbound, asked);
  if (!bad) co_return true;
  exchange::Answer answer(reply, *protocol::codec(endpoint.protocol), {}, false,
                          std::chrono::steady_clock::now(), config::default_routing);
  co_await answer.fail(*bad);
  co_return false;
}

}  // namespace

// Its frame lives as long as the stream: what is needed only once stays in the calls above.
net::Task<> generate(proxy::Services& services, std::shared_ptr<const proxy::Snapshot> snapshot,
                     Endpoint endpoint, Caller caller, net::Inbound& inbound, net::Reply& reply) {
  const auto started = std::chrono::steady_clock::now();
  auto id = next_id();
  reply.add("x-tpool-request-id", id);
  reply.add("x-models-etag", snapshot->offer_to(caller.stored).etag);

  Asked asked;
  const auto& pool = *snapshot->pool;
  const bool good = co_await understood(services, pool, endpoint, caller, inbound, reply, asked);
  if (!good) co_return;

  const auto life = snapshot->config->settings.keep_turns.value_or(default_life);
  const bool generation = endpoint.operation == route::Operation::generate;
  const bool stream = generation && asked.scan.stream.value_or(false);
  exchange::Answer answer(reply, *protocol::codec(endpoint.protocol),
                          context_of(endpoint, asked.scan, inbound.body, id, stream, *snapshot),
                          stream, started, snapshot->config->routing);
  exchange::Exchange exchange{services,
                              std::move(snapshot),
                              inbound,
                              answer,
                              envelope_of(endpoint, asked.scan, inbound, caller, stream),
                              std::move(asked.scan),
                              {},
                              started,
                              endpoint.path};
  exchange.record = record_of(endpoint, exchange.scan, caller, std::move(id));
  answer.about(exchange.scan, inbound.body);
  std::unique_ptr<TurnKeeper> keeper;
  const bool stored = life.count() > 0 && asked.keepable;
  if (generation && (endpoint.turns || stored)) {
    keeper = std::make_unique<TurnKeeper>(
        endpoint.turns ? *endpoint.turns : services.turns, life,
        cache::Turn{caller.client, {}, std::move(asked.previous), std::move(asked.items)});
    // What a connection remembers goes with it.
    if (endpoint.turns && stored)
      keeper->also_in(services.turns,
                      {caller.client, {}, {}, own_items(exchange.scan, inbound.body)});
    answer.listen(*keeper);
  }
  co_await exchange::run(exchange);
  if (keeper) keeper->keep();
}

}  // namespace tpool::inbound
