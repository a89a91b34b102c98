// The relay lane: client and provider speak the same protocol, bytes pass through.
//
// The body goes out as it came but for the edits listed in relay_edits; the answer comes back event
// by event, so that a stream that breaks never ends in half an event. A watcher looks on.

#include <algorithm>
#include <utility>

#include "core/json/splice.hpp"
#include "proxy/exchange/attempt.hpp"
#include "proxy/exchange/passage.hpp"
#include "proxy/exchange/relay_edits.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

net::Task<std::optional<ir::Failure>> relay_stream(Exchange& exchange, const route::Step& step,
                                                   net::Call& call, Pace& pace, Passage& passage,
                                                   std::vector<std::string_view>& data) {
  auto& answer = exchange.answer;
  bool told_end = false;
  for (;;) {
    for (const auto slice : data) passage.take(slice);
    const bool over = call.finished();
    if (over) passage.end();
    if (passage.failure() && !answer.committed() && !passage.content())
      co_return std::move(*passage.failure());
    if (passage.overflow()) co_return failure(Kind::garbage, "an event of its stream does not end");
    if ((passage.content() || passage.terminal()) && !answer.committed()) {
      commit(exchange, step);
      if (answer.joined())
        passage.join(answer.encoder());
      else
        answer.relay_events(passage.id());
    }
    const bool last = passage.terminal() && over;
    if (answer.committed() && (!passage.wire().empty() || (last && !told_end))) {
      co_await answer.pass(passage.wire(), last);
      passage.sent();
      answer.relayed(passage.events());
      told_end = last;
      if (answer.client_gone()) co_return client_left();
    }
    if (passage.failure()) co_return std::move(*passage.failure());
    if (passage.held_back() > most_held_back)
      co_return failure(Kind::garbage, "it sends and sends, and nothing of an answer");
    if (last) co_return std::nullopt;
    if (over) co_return failure(Kind::cut, "its stream ended before the answer did");
    const auto so_far = passage.terminal() ? Arrived::all : Arrived::some;
    auto stopped = co_await next_bytes(call, pace, so_far, data);
    if (!stopped) continue;
    if (!passage.terminal()) co_return stopped;
    co_await answer.pass(std::string_view(), true);
    co_return std::nullopt;
  }
}

net::Task<std::optional<ir::Failure>> relay_whole(Exchange& exchange, const route::Step& step,
                                                  const protocol::Codec& codec, std::string body) {
  auto glance = codec.glance_answer(body);
  exchange.record.usage = glance.usage;
  if (glance.failure) co_return std::move(*glance.failure);
  auto& answer = exchange.answer;
  if (answer.stream()) {
    // Asked for a stream, got an object: said as the stream it stands for.
    const ir::ToolNames names;
    const protocol::Target target{step.candidate.provider->id, step.candidate.upstream};
    std::string wire;
    for (const auto& event : codec.decode_answer(body, names, target)) {
      if (const auto* finished = std::get_if<ir::Finished>(&event))
        ir::add_losses(exchange.record.losses, finished->losses);
      answer.encoder().write(event, wire);
    }
    commit(exchange, step);
    co_await answer.pass(wire, true);
  } else {
    commit(exchange, step);
    OpaqueLabel label(exchange.envelope.protocol, step.candidate.provider->id,
                      step.candidate.upstream);
    label.seal_whole(body);
    AskedModel(exchange.envelope.protocol, answer.context().model).put_whole(body);
    const std::string_view text = body;
    const std::span<const std::string_view> pieces(&text, 1);
    co_await answer.whole(200, pieces);
  }
  if (answer.client_gone()) co_return client_left();
  co_return std::nullopt;
}

// A stream where a whole answer was asked for.
net::Task<std::optional<ir::Failure>> fold_stream(Exchange& exchange, const route::Step& step,
                                                  const protocol::Codec& codec,
                                                  const std::string& wire) {
  const ir::ToolNames names;
  const protocol::Target target{step.candidate.provider->id, step.candidate.upstream};
  const auto decoder = codec.decoder(names, target);
  std::vector<ir::Event> events;
  protocol::SseReader sse;
  protocol::SseEvent event;
  sse.feed(wire);
  while (sse.next(event)) decoder->feed(event, events);
  if (sse.end(event)) decoder->feed(event, events);
  decoder->end(events);
  ir::Fold fold;
  for (const auto& one : events) fold.add(one);
  exchange.record.usage = decoder->usage();
  if (fold.failure()) co_return *fold.failure();
  const auto whole = fold.take();
  exchange.record.usage = whole.usage;
  ir::add_losses(exchange.record.losses, whole.losses);
  commit(exchange, step);
  const auto body = codec.encode_answer(whole, exchange.answer.context());
  const std::string_view text = body;
  const std::span<const std::string_view> pieces(&text, 1);
  co_await exchange.answer.whole(200, pieces);
  co_return std::nullopt;
}

}  // namespace

net::Task<std::optional<ir::Failure>> relay(Exchange& exchange, const route::Step& step,
                                            observe::Attempt& noted) {
  const auto& provider = *step.candidate.provider;
  auto& answer = exchange.answer;
  const auto& codec = answer.codec();
  // An attempt before this one may have translated.
  exchange.record.losses.clear();
  json::Splice splice;
  relay_edits(exchange, step, splice);
  Outgoing outgoing;
  outgoing.path = exchange.path;
  if (outgoing.path.empty()) outgoing.path = codec.path(step.candidate.upstream, answer.stream());
  // The one query that belongs to a protocol: clients ask so for what their beta fields name.
  if (exchange.envelope.protocol == Protocol::messages &&
      exchange.inbound.head.target.ends_with("?beta=true"))
    outgoing.path += "?beta=true";
  outgoing.fields = relayed_fields(exchange.inbound.head, provider.stored->headers);
  outgoing.body = splice.pieces(exchange.inbound.body);
  Pace pace(exchange.inbound.alarm, answer, std::chrono::steady_clock::now() + provider.total);
  std::optional<net::Call> call;
  auto failed = co_await request(exchange, step, outgoing, pace, call, noted);
  if (failed) co_return failed;
  std::vector<std::string_view> data;
  auto stopped = co_await next_bytes(*call, pace, Arrived::nothing, data);
  if (stopped) co_return stopped;
  const auto first = data.empty() ? std::string_view() : data.front();
  const bool stream = is_stream(call->head(), first);
  call->drop_head_text();
  std::string().swap(outgoing.fields);
  if (stream && answer.stream()) {
    Passage passage(exchange, step, codec);
    co_return co_await relay_stream(exchange, step, *call, pace, passage, data);
  }
  std::string body;
  for (const auto part : data) body.append(part);
  stopped = co_await read_whole(*call, pace, body);
  if (stopped) co_return stopped;
  if (stream) co_return co_await fold_stream(exchange, step, codec, body);
  co_return co_await relay_whole(exchange, step, codec, std::move(body));
}

}  // namespace tpool::exchange
