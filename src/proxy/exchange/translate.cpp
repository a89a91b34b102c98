// The translate lane: decode, IR, encode, both ways.
#include <algorithm>

#include "core/ir/summary.hpp"
#include "core/protocol/registry.hpp"
#include "core/protocol/seal.hpp"
#include "proxy/exchange/attempt.hpp"
#include "proxy/exchange/teller.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

// Longer bodies are decoded and encoded off the I/O thread, so that no stream waits behind them.
constexpr std::size_t long_body = std::size_t{256} << 10;

// Nothing is known of a model that sees images: such models often read documents as well, and few
// lists of models say so.
std::optional<bool> reads_files(const catalog::Facts& facts) {
  const auto takes = [&](std::string_view kind) {
    return std::find(facts.input.begin(), facts.input.end(), kind) != facts.input.end();
  };
  if (takes("pdf") || takes("file")) return true;
  if (facts.input.empty() || takes("image")) return std::nullopt;
  return false;
}

net::Task<std::optional<ir::Failure>> prepare(Exchange& exchange, const protocol::Target& target,
                                              const protocol::ProviderCodec& outbound,
                                              protocol::Encoded& encoded) {
  auto bad = co_await understand(exchange);
  if (bad) co_return bad;
  auto encode = [&] { return outbound.encode_request(*exchange.request, target); };
  if (exchange.inbound.body.size() > long_body)
    encoded = co_await exchange.services.offload.run(encode);
  else
    encoded = encode();
  for (const auto& loss : encoded.losses)
    if (loss.action == ir::Loss::Action::refused)
      co_return failure(Kind::unsupported, "it cannot take " + loss.field);
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> translate_stream(Exchange& exchange, const route::Step& step,
                                                       net::Call& call, Pace& pace,
                                                       protocol::EventDecoder& decoder,
                                                       std::vector<std::string_view>& data) {
  Teller teller(exchange, step);
  protocol::SseReader sse;
  protocol::SseEvent event;
  std::vector<ir::Event> events;
  for (;;) {
    events.clear();
    for (const auto slice : data) {
      sse.feed(slice);
      while (sse.next(event)) decoder.feed(event, events);
    }
    if (sse.overflow()) co_return failure(Kind::garbage, "an event of its stream does not end");
    const bool over = call.finished();
    if (over && !teller.ended()) {
      if (sse.end(event)) decoder.feed(event, events);
      decoder.end(events);
    }
    auto failed = co_await teller.tell(events);
    if (failed) co_return failed;
    if (over && teller.ended()) co_return std::nullopt;
    if (over) co_return failure(Kind::cut, "its stream ended before the answer did");
    const auto so_far = teller.ended() ? Arrived::all : Arrived::some;
    auto stopped = co_await next_bytes(call, pace, so_far, data);
    if (!stopped) continue;
    if (teller.ended()) co_return std::nullopt;
    co_return stopped;
  }
}

}  // namespace

net::Task<std::optional<ir::Failure>> understand(Exchange& exchange) {
  if (exchange.request) co_return std::nullopt;
  const auto& inbound = exchange.answer.codec();
  const auto body = exchange.inbound.body;
  auto decode = [&inbound, body] { return inbound.decode_request(body); };
  std::optional<Result<ir::Request>> decoded;
  if (body.size() > long_body) {
    auto done = co_await exchange.services.offload.run(decode);
    decoded.emplace(std::move(done));
  } else {
    decoded.emplace(decode());
  }
  if (!*decoded) {
    auto bad = failure(Kind::invalid_request, decoded->error().message);
    bad.status = 400;
    co_return bad;
  }
  exchange.request = std::make_unique<ir::Request>(std::move(**decoded));
  protocol::open_tokens(*exchange.request, exchange.snapshot->seal_key, exchange.lost);
  if (exchange.answer.context().compact_reply) ir::ask_for_summary(*exchange.request);
  if (!exchange.record.plan.effort.empty()) exchange.request->effort = exchange.record.plan.effort;
  co_return std::nullopt;
}

net::Task<std::optional<ir::Failure>> translate(Exchange& exchange, const route::Step& step,
                                                observe::Attempt& noted) {
  const auto& provider = *step.candidate.provider;
  const auto& outbound = *protocol::provider_codec(provider.protocol);
  const auto& facts = *step.facts;
  protocol::Target target{
      provider.id,       step.candidate.upstream, provider.dialect_for(step.candidate.upstream),
      facts.output,      facts.efforts,           facts.reasoning.value_or(true),
      reads_files(facts)};
  protocol::Encoded encoded;
  auto refused = co_await prepare(exchange, target, outbound, encoded);
  if (refused) co_return refused;
  exchange.record.losses = encoded.losses;
  for (const auto& loss : exchange.lost) exchange.record.losses.push_back(loss);
  auto& answer = exchange.answer;
  Outgoing outgoing;
  outgoing.path = outbound.path(step.candidate.upstream, answer.stream());
  outgoing.fields = "user-agent: tpool/" TPOOL_VERSION "\r\n";
  for (const auto& [name, value] : encoded.headers)
    outgoing.fields.append(name).append(": ").append(value).append("\r\n");
  outgoing.body.push_back(encoded.body);
  Pace pace(exchange.inbound.alarm, answer, std::chrono::steady_clock::now() + provider.total);
  std::optional<net::Call> call;
  auto failed = co_await request(exchange, step, outgoing, pace, call, noted);
  if (failed) co_return failed;
  std::vector<std::string_view> data;
  auto stopped = co_await next_bytes(*call, pace, Arrived::nothing, data);
  if (stopped) co_return stopped;
  const auto first = data.empty() ? std::string_view() : data.front();
  const auto decoder = outbound.decoder(encoded.names, target);
  const bool stream = is_stream(call->head(), first);
  call->drop_head_text();
  std::string().swap(outgoing.fields);
  std::string().swap(encoded.body);
  if (stream) {
    stopped = co_await translate_stream(exchange, step, *call, pace, *decoder, data);
    if (stopped) exchange.record.usage = decoder->usage();
    co_return stopped;
  }
  std::string body;
  for (const auto part : data) body.append(part);
  stopped = co_await read_whole(*call, pace, body);
  if (stopped) co_return stopped;
  Teller teller(exchange, step);
  const auto events = outbound.decode_answer(body, encoded.names, target);
  stopped = co_await teller.tell(events);
  if (stopped && !exchange.record.usage)
    if (const auto* codec = protocol::codec(provider.protocol))
      exchange.record.usage = codec->glance_answer(body).usage;
  if (stopped) co_return stopped;
  if (!teller.ended()) co_return failure(Kind::garbage, "its answer has no end");
  co_return std::nullopt;
}

}  // namespace tpool::exchange
