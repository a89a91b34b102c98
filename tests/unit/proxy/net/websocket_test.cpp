// Frames a client may and may not send, made from seeds. libFuzzer cannot have them: its compiler
// builds no room with coroutines. What must come of them is told by how they were made.
#include "proxy/net/websocket.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <random>

#include "core/json/utf8.hpp"

using namespace tpool;
using namespace tpool::net;

namespace {

struct Heard {
  std::vector<std::string> messages;
  bool accepted = false;
  bool ended = false;
};

// A conversation of which the client's whole part is `wire`, arriving `step` bytes at a time.
Heard hear(std::string_view wire, std::size_t step) {
  Heard heard;
  Io io;
  Alarm alarm;
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
  Head head;
  head.raw =
      "GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  REQUIRE(parse_request(head).has_value());
  REQUIRE(asks_for_websocket(head));
  auto task = [](Io& loop, int descriptor, Alarm& client, const Head& asked,
                 Heard& into) -> Task<> {
    {
      WebSocket socket(loop.get_executor(), descriptor, client);
      into.accepted = co_await socket.accept(asked);
      while (into.accepted) {
        auto message = co_await socket.receive();
        if (!message) break;
        into.messages.push_back(std::move(*message));
      }
    }
    into.ended = true;
    loop.stop();
  };
  asio::co_spawn(io, task(io, ends[0], alarm, head, heard), asio::detached);
  io.poll();
  std::array<char, 4096> answers{};
  for (std::size_t at = 0; at < wire.size() && !heard.ended; at += step) {
    const auto piece = wire.substr(at, step);
    if (::send(ends[1], piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
    io.poll();
    while (::recv(ends[1], answers.data(), answers.size(), 0) > 0) {
    }
  }
  ::shutdown(ends[1], SHUT_WR);
  if (!heard.ended) io.run_for(std::chrono::seconds(60));
  ::close(ends[1]);
  // What is left of the connection's own reader.
  io.restart();
  io.run_for(std::chrono::seconds(60));
  CHECK(io.stopped());
  return heard;
}

class Frames {
 public:
  explicit Frames(unsigned seed) : dice_(seed) {}

  std::string wire;
  std::vector<std::string> messages;  // that come whole before anything wrong

  void valid_message() {
    static const std::array<std::string, 5> words{"", "{\"type\":\"x\"}", "grün 🎈", "a\\u0000b",
                                                  std::string(70'000, 'w')};
    const auto& text = words[roll(20) == 0 ? 4 : roll(4)];
    const std::size_t pieces = text.size() > 1000 ? 1 + roll(3) : 1 + roll(4);
    for (std::size_t i = 0; i < pieces; ++i) {
      const auto from = text.size() * i / pieces, until = text.size() * (i + 1) / pieces;
      add(i == 0 ? 1 : 0, i + 1 == pieces, std::string_view(text).substr(from, until - from));
      if (roll(3) == 0) add(roll(2) ? 9 : 10, true, std::string(roll(126), 'p'));
    }
    messages.push_back(text);
  }

  void wrong() {
    switch (roll(12)) {
      case 0: return add(1, true, "unmasked", {.masked = false});
      case 1: return add(1, true, "reserved bits", {.reserved = 1 + roll(7)});
      case 2: return add(3 + roll(5), true, "no such kind");
      case 3: return add(11 + roll(5), true, "no such kind");
      case 4: return add(9, true, std::string(126, 'p'));
      case 5: return add(9, false, "a part of a ping");
      case 6: return add(0, true, "goes on from nothing");
      case 7: add(1, false, "begun"); return add(1, true, "and begun again");
      case 8: return add(1, true, "\xff\xfe no UTF-8");
      case 9: return add(1, true, "\xed\xa0\x80 half a pair");
      case 10: return add(8, true, std::string(1, '\x03'));
      default: return add(2, true, "binary");
    }
  }

  void endless() { wire.append("\x81\xff", 2).append(roll(2) ? 8 : 1, '\x7f').append(8, '\xff'); }

  std::size_t roll(std::size_t sides) { return dice_() % sides; }

 private:
  struct Odd {
    bool masked = true;
    std::size_t reserved = 0;
  };
  void add(std::size_t kind, bool last, std::string_view data, Odd odd = {true, 0}) {
    wire += static_cast<char>((last ? 0x80 : 0) | (odd.reserved << 4) | kind);
    const char mask = odd.masked ? '\x80' : '\0';
    if (data.size() < 126) {
      wire += static_cast<char>(mask | static_cast<char>(data.size()));
    } else {
      const int bytes = data.size() < 65'536 ? 2 : 8;
      wire += static_cast<char>(mask | (bytes == 2 ? 126 : 127));
      for (int i = bytes - 1; i >= 0; --i) wire += static_cast<char>(data.size() >> (8 * i));
    }
    std::array<char, 4> key{};
    for (auto& byte : key) byte = odd.masked ? static_cast<char>(dice_()) : '\0';
    if (odd.masked) wire.append(key.data(), key.size());
    for (std::size_t i = 0; i < data.size(); ++i) wire += static_cast<char>(data[i] ^ key[i % 4]);
  }

  std::mt19937 dice_;
};

}  // namespace

TEST_CASE("every message before a frame no client may send is heard, and nothing after it") {
  for (unsigned seed = 0; seed < 120; ++seed) {
    CAPTURE(seed);
    Frames frames(seed);
    const auto count = frames.roll(4);
    for (std::size_t i = 0; i < count; ++i) frames.valid_message();
    const auto wanted = frames.messages;
    if (seed % 3 != 0) frames.wrong();
    if (seed % 3 == 2) frames.valid_message();
    const std::size_t steps[] = {frames.wire.size() + 1, frames.wire.size() > 4000 ? 997u : 1u, 7};
    for (const auto step : steps) {
      if (step == 7 && frames.wire.size() > 4000) continue;
      const auto heard = hear(frames.wire, step);
      REQUIRE(heard.accepted);
      CHECK(heard.ended);
      CHECK(heard.messages == wanted);
    }
  }
}

TEST_CASE("whatever arrives, a connection ends with its client, and hears UTF-8 alone") {
  for (unsigned seed = 0; seed < 120; ++seed) {
    CAPTURE(seed);
    Frames frames(seed + 1000);
    for (int i = 0; i < 3; ++i) frames.valid_message();
    if (seed % 4 == 0) frames.endless();
    auto wire = frames.wire.substr(0, 20'000);
    for (int i = 0; i < 4 && !wire.empty(); ++i)
      wire[frames.roll(wire.size())] = static_cast<char>(frames.roll(256));
    wire.resize(wire.size() - frames.roll(1 + wire.size() / 4));
    const auto whole = hear(wire, wire.size() + 1);
    CHECK(whole.ended);
    for (const auto& message : whole.messages)
      CHECK(json::find_invalid_utf8(message) == std::string_view::npos);
    const auto pieces = hear(wire, 61);
    CHECK(pieces.ended);
    CHECK(pieces.messages == whole.messages);
  }
}
