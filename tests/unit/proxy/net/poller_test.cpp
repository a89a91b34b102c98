#include "proxy/net/poller.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "proxy/net/stream.hpp"

using namespace tpool;
using namespace tpool::net;

namespace {

// Our end as a Stream, the other one as a descriptor.
struct Pair {
  explicit Pair(Poller& poller) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ours = std::make_unique<Stream>(poller, ends[0]);
    theirs = ends[1];
  }
  ~Pair() { hang_up(); }
  void say(std::string_view text) {
    REQUIRE(::send(theirs, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (theirs >= 0) ::close(theirs);
    theirs = -1;
  }
  std::unique_ptr<Stream> ours;
  int theirs = -1;
};

// Reads `room` bytes at a time until the end, noting each piece.
Task<> listen(Stream& stream, std::size_t room, std::vector<std::string>& heard) {
  std::string buffer(room, '\0');
  for (;;) {
    co_await stream.readable();
    const auto moved = stream.read_now(buffer);
    if (moved.how == Moved::How::would_block) continue;
    if (moved.how != Moved::How::done) co_return;
    heard.push_back(buffer.substr(0, moved.bytes));
  }
}

// Lets everything happen that can happen now.
void settle(Io& io) {
  for (int i = 0; i < 5; ++i) {
    io.restart();
    io.poll();
  }
}

}  // namespace

TEST_CASE("poller: a socket whose copy outlives it is nobody's business any more") {
  Io io;
  Poller poller(io);
  auto gone = std::make_unique<Pair>(poller);
  std::vector<std::string> heard;
  asio::co_spawn(io.get_executor(), listen(*gone->ours, 9, heard), asio::detached);
  settle(io);
  // As in a child process that has not yet come to its program.
  const int copy = ::dup(gone->ours->descriptor());
  settle(io);
  gone->ours.reset();
  Pair next(poller);
  std::vector<std::string> heard_next;
  asio::co_spawn(io.get_executor(), listen(*next.ours, 9, heard_next), asio::detached);
  settle(io);
  gone->say("late");
  gone->hang_up();
  settle(io);
  CHECK(heard.empty());
  CHECK(heard_next.empty());
  next.say("mine");
  settle(io);
  CHECK(heard_next == std::vector<std::string>{"mine"});
  ::close(copy);
  next.hang_up();
  settle(io);
}

TEST_CASE("poller: every byte is told of, whatever the buffer leaves over") {
  for (const std::size_t room : {1, 3, 4, 100}) {
    Io io;
    Poller poller(io);
    Pair pair(poller);
    std::vector<std::string> heard;
    asio::co_spawn(io.get_executor(), listen(*pair.ours, room, heard), asio::detached);
    std::string said;
    for (const std::string_view part : {"one", "four", "another one", "x"}) {
      pair.say(part);
      said += part;
      settle(io);
      std::string joined;
      for (const auto& piece : heard) joined += piece;
      CHECK(joined == said);
    }
    pair.say("last");
    pair.hang_up();
    settle(io);
    CHECK(heard.back().back() == 't');
  }
}

TEST_CASE("poller: whoever is ready may end the others that are") {
  Io io;
  Poller poller(io);
  std::vector<std::unique_ptr<Pair>> pairs;
  int resumed = 0;
  for (int i = 0; i < 4; ++i) pairs.push_back(std::make_unique<Pair>(poller));
  const auto wait = [&](Stream& stream) -> Task<> {
    co_await stream.readable();
    ++resumed;
    for (auto& pair : pairs)
      if (pair && pair->ours.get() != &stream) pair.reset();
  };
  for (auto& pair : pairs) asio::co_spawn(io.get_executor(), wait(*pair->ours), asio::detached);
  settle(io);
  for (auto& pair : pairs) pair->say("all at once");
  settle(io);
  CHECK(resumed == 1);
}

TEST_CASE("poller: everybody reads before anybody has a turn, and turns come in order") {
  Io io;
  Poller poller(io);
  std::vector<std::unique_ptr<Pair>> pairs;
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) pairs.push_back(std::make_unique<Pair>(poller));
  const auto serve = [&](Stream& stream, std::string name) -> Task<> {
    co_await stream.readable();
    order.push_back("read " + name);
    co_await stream.turn();
    order.push_back("send " + name);
  };
  for (std::size_t i = 0; i < pairs.size(); ++i)
    asio::co_spawn(io.get_executor(), serve(*pairs[i]->ours, std::to_string(i)), asio::detached);
  settle(io);
  for (auto& pair : pairs) pair->say("go");
  settle(io);
  CHECK(order ==
        std::vector<std::string>{"read 0", "read 1", "read 2", "send 0", "send 1", "send 2"});
}

TEST_CASE("poller: a turn comes also outside of any look, and a wake ends no turn") {
  Io io;
  Poller poller(io);
  Pair pair(poller);
  bool had = false;
  const auto serve = [&]() -> Task<> {
    co_await pair.ours->turn();
    had = true;
  };
  asio::co_spawn(io.get_executor(), serve(), asio::detached);
  io.poll_one();
  poller.wake(*pair.ours);
  settle(io);
  CHECK(had);
}

TEST_CASE("poller: the alarm wakes a wait once, and the next data is still told of") {
  Io io;
  Poller poller(io);
  Pair pair(poller);
  Alarm alarm;
  pair.ours->use_alarm(&alarm);
  std::vector<Moved::How> seen;
  const auto wait = [&]() -> Task<> {
    char byte;
    for (int i = 0; i < 2; ++i) {
      co_await pair.ours->readable();
      const auto moved = pair.ours->read_now({&byte, 1});
      seen.push_back(moved.how);
    }
  };
  asio::co_spawn(io.get_executor(), wait(), asio::detached);
  settle(io);
  CHECK(seen.empty());
  alarm.nudge();
  alarm.nudge();
  settle(io);
  REQUIRE(seen.size() == 1);
  CHECK(seen.front() == Moved::How::would_block);
  pair.say("x");
  settle(io);
  REQUIRE(seen.size() == 2);
  CHECK(seen.back() == Moved::How::done);
}

TEST_CASE("poller: a hang-up is told while somebody else is waited for, also after a release") {
  for (const bool released : {false, true}) {
    Io io;
    Poller poller(io);
    Pair pair(poller);
    Alarm alarm;
    pair.ours->use_alarm(&alarm);
    pair.ours->tell_hangup(alarm);
    const auto read_once = [&]() -> Task<> {
      char byte;
      co_await pair.ours->readable();
      pair.ours->read_now({&byte, 1});
    };
    asio::co_spawn(io.get_executor(), read_once(), asio::detached);
    settle(io);
    pair.say("x");
    settle(io);
    const int descriptor = released ? pair.ours->release() : -1;
    CHECK_FALSE(alarm.gone());
    pair.hang_up();
    settle(io);
    CHECK(alarm.gone());
    if (descriptor >= 0) ::close(descriptor);
  }
}

TEST_CASE("poller: who is still suspended at the end is unwound") {
  bool unwound = false;
  {
    Io io;
    Poller poller(io);
    const auto wait = [&]() -> Task<> {
      Pair pair(poller);
      const std::unique_ptr<bool, void (*)(bool*)> note(&unwound, [](bool* flag) { *flag = true; });
      co_await pair.ours->readable();
    };
    asio::co_spawn(io.get_executor(), wait(), asio::detached);
    settle(io);
    CHECK_FALSE(unwound);
  }
  CHECK(unwound);
}
