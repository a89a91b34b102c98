// The relay lane: client and provider speak the same protocol, bytes pass through.
//
// The body goes out as it came but for the edits listed in relay_edits; the answer comes back event
// by event, so that a stream that breaks never ends in half an event. A watcher looks on.

#include <algorithm>
#include <utility>

#include "core/json/splice.hpp"
#include "core/log.hpp"
#include "proxy/exchange/attempt.hpp"
#include "proxy/exchange/relay_edits.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

std::string_view trimmed(std::string_view data) {
  const auto begin = std::min(data.find_first_not_of(" \t\r\n"), data.size());
  return data.substr(begin, data.find_last_not_of(" \t\r\n") + 1 - begin);
}

// Some providers of every protocol send it behind the last event.
bool is_end_mark(std::string_view data) { return trimmed(data) == "[DONE]"; }

// An event of every protocol is one JSON object. Only its ends are looked at: enough for what was
// cut, and for words that are no event.
bool looks_whole(std::string_view data) {
  data = trimmed(data);
  return data.empty() || (data.size() > 1 && data.front() == '{' && data.back() == '}') ||
         data == "[DONE]";
}

// One relayed stream: what was read, what may go on, what the watcher saw.
class Passage {
 public:
  Passage(Exchange& exchange, const route::Step& step, const protocol::Codec& codec)
      : exchange_(exchange),
        watcher_(codec.watcher()),
        label_(exchange.envelope.protocol, step.candidate.provider->id, step.candidate.upstream),
        model_(exchange.envelope.protocol, exchange.answer.context().model) {}

  // Looks at one slice; appends to wire() what is complete.
  void take(std::string_view slice) {
    sse_.feed(slice);
    std::size_t complete = 0;
    protocol::SseEvent event;
    while (!failure_ && !ended_ && sse_.next(event))
      if (pass(event)) complete = event.wire_end;
    if (encoder_) return;
    if (complete) add(slice.substr(0, complete));
    if (!failure_ && !ended_) partial_.append(slice.substr(complete));
  }

  void end() {
    protocol::SseEvent event;
    if (failure_ || ended_ || !sse_.end(event) || !pass(event) || encoder_) return;
    partial_ += "\n\n";
    add({});
  }

  // Heartbeats opened the client's stream: what was read and all that follows is fitted into it.
  void join(protocol::EventEncoder& encoder) {
    encoder_ = &encoder;
    const auto held = std::exchange(wire_, {});
    partial_.clear();
    protocol::SseReader sse;
    protocol::SseEvent event;
    sse.feed(held);
    while (sse.next(event)) encoder.adopt(event, wire_);
  }

  bool terminal() const { return terminal_; }
  bool overflow() const { return sse_.overflow(); }
  // What was read and did not go on.
  std::size_t held_back() const { return wire_.size() + partial_.size(); }
  bool content() const { return content_; }
  const std::string& id() const { return id_; }
  std::int64_t events() const { return events_; }
  std::optional<ir::Failure>& failure() { return failure_; }
  const std::string& wire() const { return wire_; }
  // A burst's room is not kept for the silence after it.
  void sent() {
    if (wire_.capacity() > most_kept) std::string().swap(wire_);
    wire_.clear();
  }

 private:
  // Whether the event belongs to the answer.
  bool pass(const protocol::SseEvent& event) {
    if (terminal_) {
      ended_ = !is_end_mark(event.data);
      return !ended_;
    }
    look(event);
    if (failure_) return false;
    if (encoder_) fit(event);
    return true;
  }

  // Sets failure_ when the event stays here: it is none, or says a failure that is told in our
  // words.
  void look(const protocol::SseEvent& event) {
    if (!looks_whole(event.data)) {
      failure_ = ir::Failure{Kind::garbage, 0, "an event of its stream is not a JSON object"};
      return;
    }
    auto glance = watcher_->see(event);
    if (glance.unheard && (content_ || exchange_.answer.committed())) {
      failure_ = std::move(glance.failure);
      return;
    }
    ++events_;
    if (!glance.answer_id.empty()) id_ = glance.answer_id;
    content_ = content_ || glance.content;
    terminal_ = terminal_ || glance.terminal;
    if (glance.usage) exchange_.record.usage = glance.usage;
    // After content a failure passes on as the provider said it: it ends the stream by itself.
    if (!glance.failure) return;
    if (!exchange_.answer.committed() && !content_)
      failure_ = std::move(glance.failure);
    else
      exchange_.record.error = glance.failure->message;
  }

  void fit(const protocol::SseEvent& event) {
    const auto begin = wire_.size();
    encoder_->adopt(event, wire_);
    label_.seal(wire_, begin);
  }

  void add(std::string_view bytes) {
    const auto begin = wire_.size();
    wire_.append(partial_).append(bytes);
    partial_.clear();
    model_.put(wire_, begin);
    label_.seal(wire_, begin);
  }

  Exchange& exchange_;
  static constexpr std::size_t most_kept = 1024;

  std::unique_ptr<protocol::Watcher> watcher_;
  OpaqueLabel label_;
  AskedModel model_;
  protocol::SseReader sse_;
  protocol::EventEncoder* encoder_ = nullptr;  // once joined
  std::string id_;
  std::int64_t events_ = 0;
  std::string partial_;
  std::string wire_;
  std::optional<ir::Failure> failure_;
  bool content_ = false;
  bool terminal_ = false;
  bool ended_ = false;  // what else comes is nobody's
};

ir::Failure failure(Kind kind, std::string message) {
  ir::Failure made;
  made.kind = kind;
  made.message = std::move(message);
  return made;
}

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
      if (answer.client_gone()) co_return failure(Kind::cancelled, "the client left");
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
  if (glance.failure) co_return std::move(*glance.failure);
  exchange.record.usage = glance.usage;
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
  if (answer.client_gone()) co_return failure(Kind::cancelled, "the client left");
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
  if (!call->finished()) {
    stopped = co_await read_whole(*call, pace, body);
    if (stopped) co_return stopped;
  }
  if (stream) co_return co_await fold_stream(exchange, step, codec, body);
  co_return co_await relay_whole(exchange, step, codec, std::move(body));
}

}  // namespace tpool::exchange
