#include "proxy/gate/keeper.hpp"

#include <doctest/doctest.h>

#include <future>

#include "../../core/config/scratch.hpp"
#include "core/config/private_file.hpp"

namespace tpool::gate {
namespace {

// What is kept here is a number, and each of its values a change.
struct Number {
  std::uint64_t value = 0;
  int asked = 0;

  Kept kept() {
    return {"numbers", [this] { return value; },
            [this] {
              ++asked;
              return std::to_string(value);
            },
            [this](std::string_view text) -> Result<> {
              value = std::stoull(std::string(text));
              return {};
            }};
  }
};

std::string text_of(const std::filesystem::path& file) {
  const auto text = config::read_file(file);
  return text ? *text : "nothing";
}

void run(net::Io& io) {
  io.restart();
  io.run();
}

}  // namespace

TEST_CASE("an older text never lands after a newer one") {
  const testing::Scratch scratch;
  const auto file = scratch / "number";
  Number number;
  net::Io io;
  std::promise<void> go;
  {
    net::Offload offload(1);
    // The only thread is busy, and the older text has to wait for it.
    auto busy = [](net::Offload& on, std::shared_future<void> until) -> net::Task<> {
      auto work = [until] {
        until.wait();
        return true;
      };
      co_await on.run(std::move(work));
    };
    net::asio::co_spawn(io, busy(offload, go.get_future().share()), net::asio::detached);
    Keeper keeper(io, offload, number.kept(), file);
    number.value = 1;
    keeper.changed();
    while (number.asked == 0) io.run_one();
    io.poll();
    CHECK(text_of(file) == "nothing");
    number.value = 2;
    keeper.save_now();
    CHECK(text_of(file) == "2");
    go.set_value();
    run(io);
    CHECK(text_of(file) == "2");
  }
}

TEST_CASE("the end writes what is only on its way") {
  const testing::Scratch scratch;
  const auto file = scratch / "number";
  Number number{7};
  net::Io io;
  net::Offload offload;
  Keeper keeper(io, offload, number.kept(), file);
  keeper.changed();
  keeper.save_now();
  CHECK(text_of(file) == "7");
  run(io);
  CHECK(text_of(file) == "7");
}

TEST_CASE("what could not be written is tried again, though nothing changes any more") {
  const testing::Scratch scratch;
  const auto file = scratch / "folder" / "number";
  Number number{7};
  net::Io io;
  net::Offload offload;
  Keeper keeper(io, offload, number.kept(), file);
  keeper.changed();
  run(io);
  CHECK(text_of(file) == "nothing");
  std::filesystem::create_directory(scratch / "folder");
  SUBCASE("by the next call") {
    keeper.changed();
    run(io);
  }
  SUBCASE("by the end") { keeper.save_now(); }
  CHECK(text_of(file) == "7");
}

TEST_CASE("what an earlier process left is taken up, and not written again") {
  const testing::Scratch scratch;
  const auto file = scratch / "number";
  REQUIRE(config::replace_file(file, "9").has_value());
  Number number;
  net::Io io;
  net::Offload offload;
  Keeper keeper(io, offload, number.kept(), file);
  keeper.load();
  CHECK(number.value == 9);
  REQUIRE(config::replace_file(file, "as it was").has_value());
  keeper.save_now();
  CHECK(text_of(file) == "as it was");
}

}  // namespace tpool::gate
