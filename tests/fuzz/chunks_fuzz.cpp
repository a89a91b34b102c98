// Chunked framing: the same content and the same verdict however the bytes arrive.
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "proxy/net/head.hpp"

using namespace tpool;
using fuzz::require;

namespace {

struct Seen {
  std::string content;
  bool done = false;
  bool broken = false;
  bool operator==(const Seen&) const = default;
};

void feed(net::ChunkReader& reader, std::string_view bytes, Seen& seen) {
  if (seen.done || seen.broken) return;
  std::vector<std::string_view> data;
  const auto used = reader.feed(bytes, data);
  for (const auto part : data) seen.content.append(part);
  seen.broken = !used;
  if (!used) return;
  require(*used <= bytes.size(), "no more is used than there was");
  seen.done = reader.done();
  require(seen.done || *used == bytes.size(), "all is used until the end");
}

}  // namespace

// A nought is not looked at before the four bytes behind it are there, so that a verdict may wait.
constexpr std::string_view more = "?????";

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto wire = fuzz::text(data, size);
  Seen whole;
  net::ChunkReader reader;
  feed(reader, wire, whole);
  require(whole.content.size() <= size, "content is no longer than its framing");
  feed(reader, more, whole);
  fuzz::for_every_split(wire, [&](std::size_t at) {
    Seen split;
    net::ChunkReader other;
    fuzz::in_pieces(wire, at, [&](std::string_view piece) { feed(other, piece, split); });
    feed(other, more, split);
    require(split.done == whole.done && split.broken == whole.broken,
            "however the bytes arrive, the verdict is the same");
    require(whole.broken || split.content == whole.content,
            "however the bytes arrive, the content is the same");
  });
  return 0;
}
