#include "proxy/exchange/attempt.hpp"

#include <charconv>

#include "core/protocol/registry.hpp"
#include "proxy/exchange/hint.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

constexpr std::size_t most_error_body = std::size_t{64} << 10;
constexpr std::size_t long_body = std::size_t{4} << 20;
// For the end of a body whose answer the client has.
constexpr Milliseconds grace{1'000};

std::string request_head(const net::Origin& origin, const Outgoing& outgoing,
                         std::string_view provider_fields, bool stream) {
  std::size_t size = 0;
  for (const auto part : outgoing.body) size += part.size();
  std::string head;
  head.reserve(256 + outgoing.path.size() + outgoing.fields.size() + provider_fields.size());
  head += "POST ";
  if (origin.absolute_form()) head.append("http://").append(origin.authority);
  head.append(origin.path).append(outgoing.path);
  head.append(" HTTP/1.1\r\nhost: ").append(origin.authority).append("\r\n");
  if (origin.absolute_form() && !origin.hop->authorization.empty())
    head.append("proxy-authorization: ").append(origin.hop->authorization).append("\r\n");
  head.append(provider_fields);
  head.append("content-type: application/json\r\ncontent-length: ");
  char number[24];
  head.append(number, std::to_chars(number, number + sizeof number, size).ptr);
  head.append(stream ? "\r\naccept: text/event-stream\r\n" : "\r\naccept: application/json\r\n");
  head.append(outgoing.fields).append("\r\n");
  return head;
}

// The provider's own words about a status that is no success.
net::Task<ir::Failure> refused(const route::Step& step, net::Call& call, Pace& pace) {
  const int status = call.head().status;
  std::string body;
  std::vector<std::string_view> data;
  while (body.size() < most_error_body) {
    const auto got = co_await call.read_body(data);
    if (got == net::Got::woken) {
      auto stopped = co_await pace.woken();
      if (stopped) break;
      continue;
    }
    for (const auto part : data) body.append(part);
    if (got != net::Got::ready) break;
  }
  const auto* codec = protocol::provider_codec(step.candidate.provider->protocol);
  auto failure = codec->decode_error(status, body);
  failure.status = status;
  if (const auto hint = retry_hint(call.head())) failure.retry_after = hint;
  co_return failure;
}

}  // namespace

ir::Failure failure(Kind kind, std::string message) {
  ir::Failure made;
  made.kind = kind;
  made.message = std::move(message);
  return made;
}

ir::Failure broken(const net::Call& call, bool answer_begun) {
  if (call.problem().starts_with("malformed")) return failure(Kind::garbage, call.problem());
  return failure(answer_begun ? Kind::cut : Kind::no_answer, call.problem());
}

bool is_stream(const net::Head& head, std::string_view first_bytes) {
  const auto type = head.get("content-type");
  if (type.starts_with("text/event-stream")) return true;
  // Some providers name the type wrongly: an object is never a stream.
  const auto at = first_bytes.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return false;
  const auto text = first_bytes.substr(at);
  if (text.starts_with(byte_order_mark)) return text.size() > 3 && text[3] != '{';
  return text.starts_with("data:") || text.starts_with("event:") || text.starts_with(":");
}

void commit(Exchange& exchange, const route::Step& step) {
  if (exchange.answer.committed()) return;
  exchange.record.first_event_ms =
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - exchange.started)
          .count();
  std::string route = step.candidate.provider->id;
  if (step.candidate.key) route.append("/").append(step.candidate.key->id);
  route.append("/").append(step.candidate.upstream).append("; ").append(to_string(step.lane));
  const auto loss =
      exchange.record.losses.empty() ? std::string() : ir::summary(exchange.record.losses);
  exchange.answer.describe(route, exchange.attempts, loss);
  exchange.answer.commit();
}

net::Task<std::optional<ir::Failure>> request(Exchange& exchange, const route::Step& step,
                                              const Outgoing& outgoing, Pace& pace,
                                              std::optional<net::Call>& call,
                                              observe::Attempt& noted) {
  const auto& provider = *step.candidate.provider;
  const auto& destination = exchange.snapshot->destination(step.candidate);
  auto& alarm = exchange.inbound.alarm;
  const bool stream = exchange.answer.stream();
  // A whole answer says nothing until it is all there.
  const auto whole = stream ? Milliseconds(0) : exchange.routing().whole_answer_timeout;
  const auto began = std::chrono::steady_clock::now();
  if (exchange.content_within) pace.content_within(*exchange.content_within);
  const auto head = request_head(destination.origin, outgoing, destination.fields, stream);
  auto now = began;
  for (bool fresh = false;; fresh = true) {
    call.emplace(exchange.services.connections, destination.origin, alarm);
    if (fresh || !call->reuse()) {
      auto failed = co_await call->connect(provider.connect);
      if (failed) co_return failed;
      now = std::chrono::steady_clock::now();
    }
    // It may have left while the request was read or made.
    if (alarm.gone()) co_return client_left();
    pace.within(std::max(provider.first_byte, whole), "answer", now);
    exchange.sent = true;
    auto got = co_await call->send(head, outgoing.body);
    while (got == net::Got::woken) {
      auto stopped = co_await pace.woken();
      if (stopped) co_return stopped;
      got = co_await call->send_rest();
    }
    while (got == net::Got::ready) {
      got = co_await call->read_head();
      if (got == net::Got::ready) break;
      if (got != net::Got::woken) continue;
      auto stopped = co_await pace.woken();
      if (stopped) co_return stopped;
      got = net::Got::ready;
    }
    if (got == net::Got::ready) break;
    // A kept connection that the other side had closed costs one more try, nothing else.
    if (call->reused() && !call->any_byte() && !fresh) continue;
    co_return broken(*call, false);
  }
  now = std::chrono::steady_clock::now();
  noted.status = call->head().status;
  noted.first_byte_ms = std::chrono::duration_cast<Milliseconds>(now - began).count();
  if (exchange.permit) note_limits(exchange.permit, call->head());
  const int status = call->head().status;
  if (status == 204 || status == 205) {
    auto empty =
        failure(Kind::garbage, "it answered " + std::to_string(status) + " without content");
    empty.status = status;
    co_return empty;
  }
  if (status / 100 != 2) co_return co_await refused(step, *call, pace);
  pace.within(std::max(provider.idle, whole), "content", now);
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> next_bytes(net::Call& call, Pace& pace, Arrived so_far,
                                                 std::vector<std::string_view>& data) {
  if (so_far == Arrived::all)
    pace.end_within(grace);
  else if (so_far == Arrived::some)
    pace.again();
  for (;;) {
    const auto got = co_await call.read_body(data);
    if (got == net::Got::ready || got == net::Got::end) co_return std::nullopt;
    if (got == net::Got::broken) co_return broken(call, so_far != Arrived::nothing);
    auto stopped = co_await pace.woken();
    if (stopped) co_return stopped;
  }
}

net::Task<std::optional<ir::Failure>> read_whole(net::Call& call, Pace& pace, std::string& body) {
  std::vector<std::string_view> data;
  while (!call.finished()) {
    const auto so_far = body.empty() ? Arrived::nothing : Arrived::some;
    auto stopped = co_await next_bytes(call, pace, so_far, data);
    if (stopped) co_return stopped;
    for (const auto part : data) {
      if (body.size() + part.size() > most_whole_body)
        co_return failure(Kind::garbage, "its answer is larger than 32 MiB");
      // The last copy of a text that doubles would hold all of it twice; untouched room is no
      // memory.
      if (body.capacity() > long_body && body.size() + part.size() > body.capacity())
        body.reserve(most_whole_body);
      body.append(part);
    }
  }
  // No parser of a client expects one.
  if (body.starts_with(byte_order_mark)) body.erase(0, byte_order_mark.size());
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> attempt(Exchange& exchange, const route::Step& step,
                                              observe::Attempt& noted) {
  exchange.answer.made_by(step.candidate.provider->id, step.candidate.upstream);
  if (step.candidate.provider->protocol == Protocol::echo)
    co_return co_await echo(exchange, step, noted);
  const auto& destination = exchange.snapshot->destination(step.candidate);
  if (destination.problem) co_return failure(Kind::auth, destination.problem->message);
  const auto spoken = step.candidate.provider->protocol;
  if (!protocol::provider_codec(spoken))
    co_return failure(Kind::unsupported,
                      "protocol " + std::string(to_string(spoken)) + " is not built in");
  if (step.lane == Lane::relay) co_return co_await relay(exchange, step, noted);
  co_return co_await translate(exchange, step, noted);
}

}  // namespace tpool::exchange
