#include "core/protocol/sse.hpp"

#include <doctest/doctest.h>

#include "../cpu_time.hpp"

#include <random>
#include <string>
#include <vector>

using tpool::protocol::SseEvent;
using tpool::protocol::SseReader;

namespace {

using Events = std::vector<std::string>;  // "name|data"

void drain(SseReader& reader, Events& out) {
  SseEvent event;
  while (reader.next(event)) out.push_back(std::string(event.name) + "|" + std::string(event.data));
}

Events finish(SseReader& reader, Events out) {
  SseEvent event;
  if (reader.end(event)) out.push_back(std::string(event.name) + "|" + std::string(event.data));
  return out;
}

// Each chunk is copied to memory of its own, so that a view kept too long is a read after free.
Events read(const std::vector<std::string>& chunks) {
  SseReader reader;
  Events out;
  for (const std::string& chunk : chunks) {
    const std::string copy = chunk;
    reader.feed(copy);
    drain(reader, out);
  }
  return finish(reader, std::move(out));
}

std::vector<std::string> bytes_of(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) out.emplace_back(1, c);
  return out;
}

// Whole, split in two at every byte, and byte by byte: always the same events.
Events everywhere(const std::string& text) {
  const Events whole = read({text});
  for (std::size_t at = 0; at <= text.size(); ++at)
    CHECK(read({text.substr(0, at), text.substr(at)}) == whole);
  CHECK(read(bytes_of(text)) == whole);
  return whole;
}

// The specification, word for word and slow: the oracle for random streams.
Events oracle(std::string text) {
  if (text.rfind("\xef\xbb\xbf", 0) == 0) text.erase(0, 3);
  Events out;
  std::string name;
  std::string data;
  bool has_data = false;
  std::string line;
  const auto take = [&] {
    if (line.empty()) {
      if (has_data) out.push_back(name + "|" + data.substr(0, data.size() - 1));
      name.clear();
      data.clear();
      has_data = false;
      return;
    }
    const auto colon = line.find(':');
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (value.rfind(' ', 0) == 0) value.erase(0, 1);
    if (line.substr(0, colon) == "event") name = value;
    if (line.substr(0, colon) == "data") {
      data += value + "\n";
      has_data = true;
    }
    line.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      line += text[i];
      continue;
    }
    take();
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  if (!line.empty()) take();
  take();
  return out;
}

}  // namespace

TEST_CASE("events come out whatever ends their lines, and wherever the bytes are split") {
  const Events two = {"a|1", "|2"};
  CHECK(everywhere("event: a\ndata: 1\n\ndata: 2\n\n") == two);
  CHECK(everywhere("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n") == two);
  CHECK(everywhere("event: a\rdata: 1\r\rdata: 2\r\r") == two);
  CHECK(everywhere("event:a\r\ndata:1\n\rdata: 2\r\n\n") == two);
  CHECK(everywhere("data: 1\nevent: a\n\n\n\n\ndata: 2\n\n") == two);
}

TEST_CASE("a byte order mark, comments, ids and unknown fields are no part of an event") {
  CHECK(everywhere("\xef\xbb\xbf"
                   "data: x\n\n") == Events{"|x"});
  CHECK(everywhere(": ping\n\n:\n\ndata: x\n: inside\n\n") == Events{"|x"});
  CHECK(everywhere("id: 7\nretry: 9\ndatum: y\ndata: x\ndata2: z\n\n") == Events{"|x"});
  CHECK(everywhere("event: lonely\n\ndata: x\n\n") == Events{"|x"});
}

TEST_CASE("lines of data are joined, and data may be empty or have no colon") {
  CHECK(everywhere("data: a\ndata: b\ndata:  c\n\n") == Events{"|a\nb\n c"});
  CHECK(everywhere("data\n\n") == Events{"|"});
  CHECK(everywhere("data\ndata\n\n") == Events{"|\n"});
  CHECK(everywhere("data:\ndata: b\n\n") == Events{"|\nb"});
  CHECK(everywhere("data: {\"a\":\"b: c\"}\n\n") == Events{"|{\"a\":\"b: c\"}"});
}

TEST_CASE("a last event without its blank line is given by end") {
  CHECK(everywhere("data: a\n\nevent: e\ndata: b") == Events{"|a", "e|b"});
  CHECK(everywhere("data: b\n") == Events{"|b"});
  CHECK(everywhere("data: b\r") == Events{"|b"});
  CHECK(everywhere("event: e\n") == Events{});
  CHECK(everywhere("") == Events{});
}

TEST_CASE("random streams are read as the specification says, in pieces of any size") {
  std::mt19937 dice(5);
  const std::vector<std::string> words = {"data", "data: ",       "event: x", ":", "\n",
                                          "\n\n", "\r",           "\r\n",     "a", "data: y",
                                          " ",    "\xef\xbb\xbf", "id: 1"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (unsigned i = dice() % 30; i > 0; --i) text += words[dice() % words.size()];
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + dice() % 7;
      chunks.push_back(text.substr(at, size));
      at += size;
    }
    const Events expected = oracle(text);
    CHECK(read({text}) == expected);
    CHECK(read(chunks) == expected);
  }
}

TEST_CASE("an event that lies whole in a chunk is a view of it, and says where it ends") {
  const std::string chunk = "data: one\n\nevent: e\r\ndata: two\r\n\r\ndata: thr";
  SseReader reader;
  reader.feed(chunk);
  SseEvent event;
  REQUIRE(reader.next(event));
  CHECK(event.data.data() == chunk.data() + 6);
  CHECK(event.wire_end == 11);
  CHECK_FALSE(reader.at_boundary());
  REQUIRE(reader.next(event));
  CHECK(event.data.data() == chunk.data() + 27);
  CHECK(event.wire_end == chunk.find("data: thr"));
  CHECK_FALSE(reader.next(event));
  CHECK_FALSE(reader.at_boundary());
  reader.feed("ee\n\n");
  REQUIRE(reader.next(event));
  CHECK(event.data == "three");
  CHECK(event.wire_end == 4);
  CHECK(reader.at_boundary());
}

TEST_CASE("a line of 24 MiB is read in linear time, in small pieces and in single bytes") {
  const std::size_t size = std::size_t{24} << 20;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{17}, std::size_t{4096}}) {
    const std::string text(piece, 'x');
    SseReader reader;
    SseEvent event;
    const tpool::testing::CpuTime spent;
    reader.feed("data: ");
    CHECK_FALSE(reader.next(event));
    for (std::size_t fed = 0; fed < size; fed += piece) {
      reader.feed(text);
      if (reader.next(event)) FAIL("an event before its end");
    }
    reader.feed("\n\n");
    REQUIRE(reader.next(event));
    CHECK(event.data.size() >= size);
    // A reader that starts over with every piece needs hours for the first of these.
    CHECK(spent.seconds() < 20);
  }
}

TEST_CASE("a chunk of a million short lines takes time in proportion, whatever ends them") {
  for (const char* ending : {"\n", "\r", "\r\n"}) {
    std::string chunk;
    for (int i = 0; i < 1000000; ++i) {
      chunk += ":";
      chunk += ending;
    }
    SseReader reader;
    SseEvent event;
    const tpool::testing::CpuTime spent;
    reader.feed(chunk);
    CHECK_FALSE(reader.next(event));
    CHECK(spent.seconds() < 10);
  }
}

TEST_CASE("an event over the limit puts the reader in overflow for good") {
  const auto overflows = [](const std::vector<std::string>& chunks) {
    SseReader reader(100);
    SseEvent event;
    for (const std::string& chunk : chunks) {
      reader.feed(chunk);
      while (reader.next(event)) CHECK(event.data.size() <= 100);
    }
    if (reader.overflow()) {
      reader.feed("\n\ndata: x\n\n");
      CHECK_FALSE(reader.next(event));
      CHECK_FALSE(reader.end(event));
    }
    return reader.overflow();
  };
  const std::string long_line = "data: " + std::string(200, 'x');
  CHECK(overflows({long_line}));
  CHECK(overflows({long_line + "\n\n"}));
  CHECK(overflows(bytes_of(long_line)));
  CHECK(overflows({":" + std::string(200, 'x')}));
  std::string many;
  for (int i = 0; i < 60; ++i) many += "data: x\n";
  CHECK(overflows({many}));
  CHECK(overflows(bytes_of(many)));
  CHECK_FALSE(overflows({"data: " + std::string(100, 'x') + "\n\n"}));
  // The line feed between two lines of data counts as well.
  const std::string half = "data: " + std::string(50, 'x') + "\n";
  CHECK(overflows({half + half + "\n"}));
  CHECK(overflows(bytes_of(half + half + "\n")));
  CHECK_FALSE(overflows({half + "data: " + std::string(49, 'x') + "\n\n"}));
  std::string events;
  for (int i = 0; i < 60; ++i) events += "data: xxxxxx\n\n";
  CHECK_FALSE(overflows({events}));
}

TEST_CASE("what is appended is read back") {
  std::string out;
  tpool::protocol::append_event(out, "response.created", "{}");
  tpool::protocol::append_event(out, "", "[DONE]");
  CHECK(out == "event: response.created\ndata: {}\n\ndata: [DONE]\n\n");
  CHECK(everywhere(out) == Events{"response.created|{}", "|[DONE]"});
}
