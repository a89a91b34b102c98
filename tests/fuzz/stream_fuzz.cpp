// Streams of every protocol to every other: the grammar of events holds, pieces do not matter, and
// what a Responses client gets keeps its rules.
#include <algorithm>

#include "../unit/core/protocol/responses/strict_stream.hpp"
#include "codecs.hpp"
#include "core/json/value.hpp"
#include "core/protocol/transcript.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;
using Events = std::vector<ir::Event>;

namespace {

const ir::ToolNames no_names;

Events decode(const protocol::ProviderCodec& codec, std::string_view wire, std::size_t step) {
  Events events;
  const auto decoder = codec.decoder(no_names, {"fuzz", "model"});
  protocol::SseReader sse;
  protocol::SseEvent event;
  for (std::size_t at = 0; at < wire.size(); at += step) {
    sse.feed(wire.substr(at, step));
    while (sse.next(event)) decoder->feed(event, events);
  }
  if (sse.end(event)) decoder->feed(event, events);
  decoder->end(events);
  return events;
}

void check_grammar(const Events& events) {
  std::vector<int> open;
  std::vector<int> seen;
  const auto is_open = [&](int index) { return std::ranges::count(open, index) == 1; };
  bool ended = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    require(!ended, "nothing follows the end");
    const auto& event = events[i];
    if (std::holds_alternative<ir::Started>(event)) require(i == 0, "Started comes first");
    if (const auto* start = std::get_if<ir::BlockStart>(&event)) {
      require(std::ranges::count(seen, start->index) == 0, "an index is used once");
      seen.push_back(start->index);
      open.push_back(start->index);
    }
    if (const auto* one = std::get_if<ir::Delta>(&event))
      require(is_open(one->index), "a delta has a block");
    if (const auto* one = std::get_if<ir::SummaryDelta>(&event))
      require(is_open(one->index), "a summary has a block");
    if (const auto* one = std::get_if<ir::Sealed>(&event))
      require(is_open(one->index), "opaque data has a block");
    if (const auto* one = std::get_if<ir::BlockEnd>(&event)) {
      require(is_open(one->index), "what ends was open");
      std::erase(open, one->index);
    }
    if (std::holds_alternative<ir::Finished>(event)) require(open.empty(), "all blocks are ended");
    ended =
        std::holds_alternative<ir::Finished>(event) || std::holds_alternative<ir::Failed>(event);
  }
  require(ended, "every answer has an end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto wire = fuzz::text(data, size);
  for (const auto* from : fuzz::providers()) {
    const auto events = decode(*from, wire, std::max<std::size_t>(size, 1));
    check_grammar(events);
    require(decode(*from, wire, 3) == events, "however the bytes arrive, the events are the same");
    ir::Fold fold;
    for (const auto& event : events) fold.add(event);
    const bool finished = fold.finished();
    const auto answer = fold.take();
    for (const auto* to : fuzz::clients()) {
      const auto encoder = to->encoder(fuzz::context());
      std::string out;
      for (const auto& event : events) encoder->write(event, out);
      encoder->heartbeat(out);
      if (to == protocol::codec(Protocol::responses))
        for (const auto& rule : protocol::responses::broken_rules(out))
          require(false, rule.c_str());
      if (finished)
        require(json::Document::parse(to->encode_answer(answer, fuzz::context())).has_value(),
                "a whole answer is JSON");
    }
  }
  protocol::Transcript transcript;
  for (std::size_t at = 0; at < size; at += 7) transcript.stream(wire.substr(at, 7));
  if (const std::string list = "[" + transcript.items() + "]"; transcript.complete())
    require(json::Document::parse(list).has_value(),
            "what is kept of an answer is a list of items");
  // What passes as it came is watched, and adopted where a heartbeat opened the client's stream.
  for (const auto* codec : fuzz::clients()) {
    const auto encoder = codec->encoder(fuzz::context());
    const auto watcher = codec->watcher();
    std::string out;
    encoder->heartbeat(out);
    protocol::SseReader sse;
    protocol::SseEvent event;
    sse.feed(wire);
    while (sse.next(event)) {
      watcher->see(event);
      if (encoder->opened()) encoder->adopt(event, out);
    }
  }
  return 0;
}
