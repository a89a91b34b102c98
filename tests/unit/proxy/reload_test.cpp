#include "proxy/reload.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../core/config/scratch.hpp"
#include "core/config/private_file.hpp"
#include "core/log.hpp"
#include "proxy/net/poller.hpp"

using namespace tpool;

namespace {

config::Paths paths_in(const testing::Scratch& scratch) {
  return {scratch / "config/tpool.toml", scratch / "state", scratch / "cache", scratch / "run"};
}

}  // namespace

TEST_CASE("without a watch of the system a store is served all the same") {
  const testing::Scratch scratch;
  const auto paths = paths_in(scratch);
  net::Io io;
  // With these Asio has what it keeps for itself: the sanitizers cannot look into memory without a
  // descriptor to do it with.
  const net::Poller poller(io);
  const net::Timer timer(io.get_executor());
  log::set_level(log::Level::off);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  // Not one descriptor more.
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(next >= 0);
  ::close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  bool changed = false;
  const auto notice = [&]() -> net::Task<> {
    changed = true;
    co_return;
  };
  std::optional<proxy::StoreWatch> watch;
  CHECK_NOTHROW(watch.emplace(io, paths, notice));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  log::set_level(log::Level::info);
  REQUIRE(watch.has_value());
  io.poll();
  CHECK_NOTHROW(watch->stop());
  CHECK_FALSE(changed);
}

TEST_CASE("what changed before a reload began for another reason is no news") {
  const testing::Scratch scratch;
  const auto paths = paths_in(scratch);
  net::Io io;
  const net::Poller poller(io);
  int told = 0;
  proxy::StoreWatch watch(io, paths, [&]() -> net::Task<> {
    ++told;
    co_return;
  });
  io.poll();
  const auto edit = [&] {
    REQUIRE(config::replace_file(paths.store, "version = 1\n").has_value());
  };
  const auto until = [&](int count, int rounds) {
    for (int i = 0; i < rounds && told < count; ++i) io.run_for(Milliseconds(10));
    return told;
  };
  edit();
  watch.forget();
  CHECK(until(1, 15) == 0);
  // Noticed already, but not told yet.
  edit();
  io.poll();
  watch.forget();
  CHECK(until(1, 15) == 0);
  edit();
  CHECK(until(1, 1000) == 1);
  watch.stop();
  io.poll();
}
