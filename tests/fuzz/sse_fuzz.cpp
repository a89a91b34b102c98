// Server-sent events: the same events however the bytes arrive, within the bounds.
#include "core/protocol/sse.hpp"

#include <string>
#include <vector>

#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

namespace {

struct Seen {
  std::vector<std::string> events;
  bool overflow = false;
  bool operator==(const Seen&) const = default;
};

constexpr std::size_t most = 100;

void drain(protocol::SseReader& reader, std::string_view chunk, Seen& seen) {
  reader.feed(chunk);
  protocol::SseEvent event;
  std::size_t before = 0;
  while (reader.next(event)) {
    require(event.wire_end >= before && event.wire_end <= chunk.size(),
            "events end one after the other inside their chunk");
    before = event.wire_end;
    require(event.data.size() <= most, "no event is longer than the limit");
    seen.events.push_back(std::string(event.name) + '\0' + std::string(event.data));
  }
}

void finish(protocol::SseReader& reader, Seen& seen) {
  protocol::SseEvent event;
  if (reader.end(event))
    seen.events.push_back(std::string(event.name) + '\0' + std::string(event.data));
  seen.overflow = reader.overflow();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto wire = fuzz::text(data, size);
  Seen whole;
  protocol::SseReader reader(most);
  drain(reader, wire, whole);
  finish(reader, whole);
  fuzz::for_every_split(wire, [&](std::size_t at) {
    Seen split;
    protocol::SseReader other(most);
    fuzz::in_pieces(wire, at, [&](std::string_view piece) { drain(other, piece, split); });
    finish(other, split);
    require(split == whole, "however the bytes arrive, the events are the same");
  });
  return 0;
}
