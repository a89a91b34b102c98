#include "proxy/net/call.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <span>
#include <string>

using namespace tpool;
using namespace tpool::net;

namespace {

constexpr std::string_view question = "POST / HTTP/1.1\r\nhost: x\r\n\r\n";
constexpr std::span<const std::string_view> no_body;
constexpr std::string_view short_answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

// The other side: it takes connections, and says what it is told to.
class Provider {
 public:
  Provider() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, plain, size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, plain, &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Provider() {
    hang_up();
    ::close(listener_);
  }
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  const std::string& url() const { return url_; }
  void take() {
    hang_up();
    taken_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    REQUIRE(taken_ >= 0);
  }
  void say(std::string_view text) {
    REQUIRE(::send(taken_, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (taken_ >= 0) ::close(taken_);
    taken_ = -1;
  }

 private:
  int listener_;
  int taken_ = -1;
  std::string url_;
};

// All that one call needs, on an Io of its own.
struct Bench {
  Io io;
  Alarms alarms{io};
  Poller poller{io};
  Connections connections{io, poller};
  Provider provider;
  Origin origin = make_origin(provider.url(), "direct").value();

  void run(std::function<Task<>(Alarm&)> steps) {
    bool over = false;
    auto task = [&]() -> Task<> {
      Alarm alarm;
      alarms.arm(alarm);
      co_await steps(alarm);
      over = true;
      io.stop();
    };
    asio::co_spawn(io, task(), asio::detached);
    io.run_for(std::chrono::seconds(60));
    REQUIRE(over);
  }
};

Task<std::string> read_all(Call& call) {
  std::string body;
  std::vector<std::string_view> data;
  for (auto got = Got::ready; got == Got::ready;) {
    got = co_await call.read_body(data);
    for (const auto part : data) body.append(part);
  }
  co_return body;
}

}  // namespace

TEST_CASE("an answer that is read to its end gives its connection back at once") {
  Bench bench;
  const auto steps = [&](Alarm& alarm) -> Task<> {
    Call call(bench.connections, bench.origin, alarm);
    const auto failed = co_await call.connect(Milliseconds(10'000));
    CHECK_FALSE(failed.has_value());
    bench.provider.take();
    const auto sent = co_await call.send(question, no_body);
    CHECK(sent == Got::ready);
    bench.provider.say(short_answer);
    const auto got = co_await call.read_head();
    CHECK(got == Got::ready);
    CHECK(bench.connections.idle() == 0);
    const auto body = co_await read_all(call);
    CHECK(body == "ok");
    CHECK(call.finished());
    CHECK(bench.connections.idle() == 1);
  };
  bench.run(steps);
}

TEST_CASE("what a kept connection says unasked answers nothing") {
  Bench bench;
  const auto steps = [&](Alarm& alarm) -> Task<> {
    {
      Call call(bench.connections, bench.origin, alarm);
      const auto failed = co_await call.connect(Milliseconds(10'000));
      CHECK_FALSE(failed.has_value());
      bench.provider.take();
      const auto sent = co_await call.send(question, no_body);
      CHECK(sent == Got::ready);
      bench.provider.say(short_answer);
      const auto got = co_await call.read_head();
      CHECK(got == Got::ready);
      const auto body = co_await read_all(call);
      CHECK(body == "ok");
    }
    REQUIRE(bench.connections.idle() == 1);
    bench.provider.say("HTTP/1.1 408 Request Time-out\r\ncontent-length: 0\r\n\r\n");
    // Until the kernel has told of it.
    Timer pause(bench.io.get_executor(), std::chrono::milliseconds(20));
    const Use token;
    co_await pause.async_wait(token);
    Call next(bench.connections, bench.origin, alarm);
    CHECK_FALSE(next.reuse());
    CHECK(bench.connections.idle() == 0);
  };
  bench.run(steps);
}

TEST_CASE("an answer that comes while the request is still being sent is heard") {
  Bench bench;
  const std::string long_body(std::size_t{16} << 20, 'x');
  const std::string_view piece = long_body;
  const auto steps = [&](Alarm& alarm) -> Task<> {
    Call call(bench.connections, bench.origin, alarm);
    const auto failed = co_await call.connect(Milliseconds(10'000));
    CHECK_FALSE(failed.has_value());
    bench.provider.take();
    bench.provider.say("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 5\r\n\r\nlarge");
    bench.provider.hang_up();
    const std::span<const std::string_view> pieces(&piece, 1);
    const auto sent = co_await call.send(question, pieces);
    CHECK(sent == Got::ready);
    const auto got = co_await call.read_head();
    CHECK(got == Got::ready);
    CHECK(call.head().status == 413);
    const auto body = co_await read_all(call);
    CHECK(body == "large");
    CHECK(bench.connections.idle() == 0);
  };
  bench.run(steps);
}

TEST_CASE("a request that breaks off without an answer says so") {
  Bench bench;
  const std::string long_body(std::size_t{16} << 20, 'x');
  const std::string_view piece = long_body;
  const auto steps = [&](Alarm& alarm) -> Task<> {
    Call call(bench.connections, bench.origin, alarm);
    const auto failed = co_await call.connect(Milliseconds(10'000));
    CHECK_FALSE(failed.has_value());
    bench.provider.take();
    bench.provider.hang_up();
    const std::span<const std::string_view> pieces(&piece, 1);
    const auto sent = co_await call.send(question, pieces);
    CHECK(sent == Got::ready);
    const auto got = co_await call.read_head();
    CHECK(got == Got::broken);
    CHECK(call.problem().find("while the request was sent") != std::string::npos);
  };
  bench.run(steps);
}

TEST_CASE("a proxy that cannot be reached is called one") {
  Bench bench;
  bench.origin = make_origin("http://nobody.example", "http://127.0.0.1:1").value();
  const auto steps = [&](Alarm& alarm) -> Task<> {
    Call call(bench.connections, bench.origin, alarm);
    const auto failed = co_await call.connect(Milliseconds(10'000));
    REQUIRE(failed.has_value());
    CHECK(failed->message.find("the proxy 127.0.0.1:1") != std::string::npos);
  };
  bench.run(steps);
}
