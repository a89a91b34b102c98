#include "proxy/net/connections.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <future>
#include <vector>

using namespace tpool;
using namespace tpool::net;

namespace {

using Found = Result<std::vector<Address>>;

// A listening socket on loopback.
class Door {
 public:
  explicit Door(int backlog) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, plain, size) == 0);
    REQUIRE(::listen(listener_, backlog) == 0);
    REQUIRE(::getsockname(listener_, plain, &size) == 0);
    std::memcpy(&where_.storage, &address, size);
    where_.size = size;
  }
  ~Door() {
    for (const int one : crowd_) ::close(one);
    ::close(listener_);
  }
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  const Address& where() const { return where_; }
  // From here on it answers nobody: its line is full.
  void crowd() {
    for (int i = 0; i < 4; ++i) {
      crowd_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(crowd_.back(), reinterpret_cast<const sockaddr*>(&where_.storage), where_.size);
    }
  }

 private:
  int listener_;
  Address where_;
  std::vector<int> crowd_;
};

}  // namespace

TEST_CASE("a name is asked for once, however many want it") {
  Io io;
  Alarms alarms(io);
  const Door door(8);
  std::atomic<int> asked = 0;
  Resolver resolver(io, [&](const std::string&, std::uint16_t) -> Found {
    ++asked;
    return std::vector{door.where()};
  });
  int found = 0;
  auto task = [&]() -> Task<> {
    Alarm alarm;
    const auto addresses = co_await resolver.resolve("many.example", 80, alarm);
    found += addresses.has_value();
  };
  for (int i = 0; i < 20; ++i) asio::co_spawn(io, task(), asio::detached);
  io.run();
  CHECK(found == 20);
  CHECK(asked == 1);
}

TEST_CASE("a name server that does not answer keeps nobody beyond the limit") {
  Io io;
  Alarms alarms(io);
  std::promise<void> released;
  const auto release = released.get_future().share();
  Poller poller(io);
  Connections connections(io, poller, [release](const std::string& host, std::uint16_t) -> Found {
    release.wait();
    return unavailable("cannot resolve " + host);
  });
  const auto origin = make_origin("http://silent.example", "direct");
  REQUIRE(origin.has_value());
  std::optional<ir::Failure> failed;
  auto task = [&]() -> Task<> {
    Alarm alarm;
    alarms.arm(alarm);
    auto made = co_await connections.connect(*origin, alarm, Milliseconds(50));
    if (auto* failure = std::get_if<ir::Failure>(&made)) failed = std::move(*failure);
    released.set_value();
    io.stop();
  };
  asio::co_spawn(io, task(), asio::detached);
  io.run_for(std::chrono::seconds(60));
  REQUIRE(failed.has_value());
  CHECK(failed->kind == ir::Failure::Kind::unreachable);
  CHECK(failed->local);
}

TEST_CASE("a name server that does not answer keeps nobody from ending") {
  std::promise<void> released;
  const auto release = released.get_future().share();
  std::promise<void> asked;
  std::promise<void> over;
  {
    Io io;
    Alarms alarms(io);
    Resolver resolver(io, [&, release](const std::string& host, std::uint16_t) -> Found {
      asked.set_value();
      release.wait();
      over.set_value_at_thread_exit();
      return unavailable("cannot resolve " + host);
    });
    auto task = [&]() -> Task<> {
      Alarm alarm;
      const auto addresses = co_await resolver.resolve("silent.example", 80, alarm);
    };
    asio::co_spawn(io, task(), asio::detached);
    io.poll();
    asked.get_future().wait();
  }
  // Only now, with everything gone, does the name server answer.
  released.set_value();
  over.get_future().wait();
}

TEST_CASE("an address that is silent leaves time for the next one") {
  Io io;
  Alarms alarms(io);
  Door silent(0);
  silent.crowd();
  const Door open(8);
  Poller poller(io);
  Connections connections(io, poller, [&](const std::string&, std::uint16_t) -> Found {
    return std::vector{silent.where(), open.where()};
  });
  const auto origin = make_origin("http://two.example", "direct");
  REQUIRE(origin.has_value());
  bool connected = false;
  auto task = [&]() -> Task<> {
    Alarm alarm;
    alarms.arm(alarm);
    const auto made = co_await connections.connect(*origin, alarm, Milliseconds(3'000));
    connected = std::holds_alternative<std::unique_ptr<Stream>>(made);
    io.stop();
  };
  asio::co_spawn(io, task(), asio::detached);
  io.run_for(std::chrono::seconds(120));
  CHECK(connected);
}
