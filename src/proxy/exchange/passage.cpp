#include "proxy/exchange/passage.hpp"

#include <algorithm>
#include <utility>

#include "core/protocol/openai_error.hpp"
#include "proxy/exchange/attempt.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

constexpr std::size_t most_kept = 1024;

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

}  // namespace

Passage::Passage(Exchange& exchange, const route::Step& step, const protocol::Codec& codec)
    : exchange_(exchange),
      watcher_(codec.watcher()),
      label_(exchange.envelope.protocol, step.candidate.provider->id, step.candidate.upstream),
      model_(exchange.envelope.protocol, exchange.answer.context().model) {}

void Passage::take(std::string_view slice) {
  // Not every client's parser knows what it is.
  if (std::exchange(first_, false) && slice.starts_with(byte_order_mark))
    slice.remove_prefix(byte_order_mark.size());
  sse_.feed(slice);
  std::size_t begin = 0;
  std::size_t complete = 0;
  protocol::SseEvent event;
  while (!failure_ && !ended_ && sse_.next(event)) {
    if (!pass(event)) continue;
    if (!name_.empty()) {
      if (complete > begin) add(slice.substr(begin, complete - begin));
      add_named(event.data);
      begin = event.wire_end;
    }
    complete = event.wire_end;
  }
  if (encoder_) return;
  if (complete > begin) add(slice.substr(begin, complete - begin));
  if (!failure_ && !ended_) partial_.append(slice.substr(complete));
}

void Passage::end() {
  protocol::SseEvent event;
  if (!failure_ && !ended_ && sse_.end(event) && pass(event) && !encoder_) {
    if (name_.empty()) {
      partial_ += "\n\n";
      add({});
    } else {
      add_named(event.data);
    }
  }
  if (failure_ || terminal_ || encoder_) return;
  const auto rest = watcher_->missing_end();
  if (!rest) return;
  wire_ += *rest;
  terminal_ = true;
}

void Passage::join(protocol::EventEncoder& encoder) {
  encoder_ = &encoder;
  const auto held = std::exchange(wire_, {});
  partial_.clear();
  protocol::SseReader sse;
  protocol::SseEvent event;
  sse.feed(held);
  while (sse.next(event)) encoder.adopt(event, wire_);
}

void Passage::sent() {
  if (wire_.capacity() > most_kept) std::string().swap(wire_);
  wire_.clear();
}

bool Passage::pass(const protocol::SseEvent& event) {
  if (terminal_) {
    name_.clear();
    ended_ = failed_ || !is_end_mark(event.data);
    return !ended_;
  }
  look(event);
  if (failure_) return false;
  if (encoder_) fit(event);
  return true;
}

void Passage::look(const protocol::SseEvent& event) {
  if (!looks_whole(event.data)) {
    failure_ = ir::Failure{Kind::garbage, 0, "an event of its stream is not a JSON object"};
    return;
  }
  auto glance = watcher_->see(event);
  name_ = std::move(glance.name);
  // After content a failure passes on as the provider said it, which ends the stream by itself:
  // not where clients would not hear it, nor with a key in it, which is no client's business.
  const bool begun = content_ || exchange_.answer.committed();
  if (glance.failure && begun &&
      (glance.unheard || protocol::mask_keys(event.data) != event.data)) {
    failure_ = std::move(glance.failure);
    return;
  }
  ++events_;
  if (!glance.answer_id.empty()) id_ = glance.answer_id;
  content_ = content_ || glance.content;
  terminal_ = terminal_ || glance.terminal;
  if (glance.usage) exchange_.record.usage = glance.usage;
  if (!glance.failure) return;
  failed_ = true;
  if (begun)
    exchange_.record.error = glance.failure->message;
  else
    failure_ = std::move(glance.failure);
}

void Passage::fit(const protocol::SseEvent& event) {
  const auto begin = wire_.size();
  encoder_->adopt(event, wire_);
  label_.seal(wire_, begin);
}

void Passage::add_named(std::string_view data) {
  partial_.clear();
  const auto begin = wire_.size();
  std::string line(data);
  // Between the members of an object a line feed is but a space.
  std::ranges::replace(line, '\n', ' ');
  protocol::append_event(wire_, name_, line);
  model_.put(wire_, begin);
  label_.seal(wire_, begin);
}

void Passage::add(std::string_view bytes) {
  const auto begin = wire_.size();
  wire_.append(partial_).append(bytes);
  partial_.clear();
  model_.put(wire_, begin);
  label_.seal(wire_, begin);
}

}  // namespace tpool::exchange
