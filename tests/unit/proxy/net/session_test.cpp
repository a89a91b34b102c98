#include "proxy/net/session.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <string>

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

}  // namespace

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
