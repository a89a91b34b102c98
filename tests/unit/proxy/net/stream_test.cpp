#include "proxy/net/stream.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <string>

using namespace tpool;
using namespace tpool::net;

namespace {

struct Pair {
  int ours = -1;
  int theirs = -1;
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ours = ends[0];
    theirs = ends[1];
    ::fcntl(ours, F_SETFL, O_NONBLOCK);
    ::fcntl(theirs, F_SETFL, O_NONBLOCK);
    const int small = 4096;
    ::setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }
  ~Pair() { ::close(theirs); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::string read_all() const {
    std::string got;
    std::array<char, 65536> chunk;
    for (;;) {
      const auto count = ::recv(theirs, chunk.data(), chunk.size(), 0);
      if (count <= 0) return got;
      got.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }
};

}  // namespace

TEST_CASE("a write that was woken goes on where it was, and repeats nothing") {
  Io io;
  Poller poller(io);
  // Every wait ends at once, as if something else were due.
  Alarm alarm;
  alarm.leave();
  const Pair pair;
  const std::string head = "head ";
  const std::string body(300'000, 'b');
  const std::string end = " end";
  std::array pieces = {piece(head), piece(body), piece(end)};
  std::string read;
  int woken = 0;
  auto task = [&]() -> Task<> {
    Stream stream(poller, pair.ours);
    stream.use_alarm(&alarm);
    const std::span<iovec> all(pieces);
    for (;;) {
      const auto moved = co_await stream.write(all);
      read += pair.read_all();
      if (moved.how == Moved::How::done) break;
      REQUIRE(moved.how == Moved::How::would_block);
      ++woken;
    }
    io.stop();
  };
  asio::co_spawn(io, task(), asio::detached);
  io.run();
  CHECK(woken > 2);
  CHECK(read == head + body + end);
}
