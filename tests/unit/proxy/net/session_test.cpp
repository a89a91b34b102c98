#include "proxy/net/session.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

using namespace tpool;
using namespace tpool::net;

namespace {

// Answers every request with more than a socket takes at once.
class Talkative final : public Service {
 public:
  std::optional<Refusal> admit(const Head&, bool) override { return std::nullopt; }
  Task<> handle(Inbound&, Reply& reply) override {
    ++asked;
    const std::string body(std::size_t{300} << 10, 'x');
    co_await reply.whole(200, "text/plain", body);
  }
  bool upgrades(const Head&) const override { return false; }
  Task<> converse(const Head&, Alarm&, WebSocket&) override { co_return; }
  std::string explain(const Head&, const Refusal& refusal) override { return refusal.message; }
  bool draining() const override { return false; }
  int asked = 0;
};

// Answers every request with its target.
class Parrot final : public Service {
 public:
  std::optional<Refusal> admit(const Head&, bool) override { return std::nullopt; }
  Task<> handle(Inbound& inbound, Reply& reply) override {
    heard.emplace_back(inbound.head.target);
    co_await reply.whole(200, "text/plain", inbound.head.target);
  }
  bool upgrades(const Head&) const override { return false; }
  Task<> converse(const Head&, Alarm&, WebSocket&) override { co_return; }
  std::string explain(const Head&, const Refusal& refusal) override { return refusal.message; }
  bool draining() const override { return false; }
  std::vector<std::string> heard;
};

}  // namespace

TEST_CASE("empty lines before a request are passed over, wherever they stand") {
  const std::string post = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";
  const std::string last = "GET /b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const std::vector<std::vector<std::string>> arrivals{{"\r\n\r\n" + post + "\r\n" + last},
                                                       {post + "\r\n", last},
                                                       {post + "\r", "\n" + last},
                                                       {"\r", "\n\r\n" + post, "\r\n\r\n", last}};
  for (const auto& parts : arrivals) {
    Io io;
    Alarms alarms(io);
    Poller poller(io);
    Parrot service;
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    bool over = false;
    auto task = [&]() -> Task<> {
      auto stream = std::make_unique<Stream>(poller, ends[0]);
      co_await run_session(std::move(stream), service, alarms, SessionLimits(), false);
      over = true;
      io.stop();
    };
    asio::co_spawn(io, task(), asio::detached);
    for (const auto& part : parts) {
      REQUIRE(::send(ends[1], part.data(), part.size(), 0) > 0);
      while (io.poll() > 0) {
      }
    }
    io.run_for(std::chrono::seconds(60));
    CHECK(over);
    CHECK(service.heard == std::vector<std::string>{"/a", "/b"});
    ::close(ends[1]);
  }
}

TEST_CASE("a client that asks and asks and never reads does not stay for ever") {
  Io io;
  Alarms alarms(io);
  Poller poller(io);
  Talkative service;
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  std::string requests;
  for (int i = 0; i < 8; ++i) requests += "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  REQUIRE(::send(ends[1], requests.data(), requests.size(), 0) > 0);
  SessionLimits limits;
  limits.reader = Milliseconds(200);
  bool over = false;
  auto task = [&]() -> Task<> {
    auto stream = std::make_unique<Stream>(poller, ends[0]);
    co_await run_session(std::move(stream), service, alarms, limits, false);
    over = true;
    io.stop();
  };
  asio::co_spawn(io, task(), asio::detached);
  io.run_for(std::chrono::seconds(60));
  CHECK(over);
  CHECK(service.asked < 8);
  ::close(ends[1]);
}
