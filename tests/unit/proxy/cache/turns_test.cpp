#include "proxy/cache/turns.hpp"

#include <doctest/doctest.h>

#include <array>

#include "../../core/config/scratch.hpp"
#include "../../core/cpu_time.hpp"

namespace tpool::cache {
namespace {

constexpr Milliseconds day{24 * 3'600'000};

Result<std::string> ask(net::Io& io, Turns& turns, std::string client, std::string id) {
  Result<std::string> answer = Error{};
  auto task = [](Turns& from, std::string who, std::string what,
                 Result<std::string>& into) -> net::Task<> {
    into = co_await from.history(std::move(who), std::move(what));
  };
  net::asio::co_spawn(io, task(turns, std::move(client), std::move(id), answer),
                      net::asio::detached);
  io.restart();
  io.run();
  return answer;
}

}  // namespace

TEST_CASE("a conversation is the chain of its turns, in memory and from the file") {
  const testing::Scratch scratch;
  const auto file = scratch / "turns.db";
  net::Io io;
  net::Offload offload;
  {
    Turns turns(offload, file);
    turns.keep({"me", "r1", "", "1,2"}, day);
    turns.keep({"me", "r2", "r1", "3"}, day);
    turns.keep({"me", "r2b", "r1", ""}, day);
    CHECK(ask(io, turns, "me", "r2").value() == "1,2,3");
    CHECK(ask(io, turns, "me", "r2b").value() == "1,2");
    CHECK(ask(io, turns, "you", "r2").error().code == Code::not_found);
  }
  Turns turns(offload, file);
  CHECK(ask(io, turns, "me", "r2").value() == "1,2,3");
  turns.keep({"me", "r3", "r2", "4"}, day);
  CHECK(ask(io, turns, "me", "r3").value() == "1,2,3,4");
  CHECK(ask(io, turns, "me", "r4").error().message.find("r4") != std::string::npos);
  turns.keep({"me", "r5", "r4", "5"}, day);
  CHECK(ask(io, turns, "me", "r5").error().message.find("r5") != std::string::npos);
}

TEST_CASE("without a file memory is all, and a turn whose past is gone is gone") {
  net::Io io;
  net::Offload offload;
  Turns turns(offload, std::nullopt);
  turns.keep({"me", "r2", "r1", "3"}, day);
  const auto lost = ask(io, turns, "me", "r2");
  REQUIRE(lost.has_error());
  CHECK(lost.error().code == Code::not_found);
  CHECK(lost.error().message.find("r2") != std::string::npos);
  turns.keep({"me", "r1", "", "1"}, day);
  CHECK(ask(io, turns, "me", "r2").value() == "1,3");
  // What does not fit is forgotten, the oldest first.
  const std::string much(Turns::most_bytes / 2, '7');
  turns.keep({"me", "r3", "", much}, day);
  turns.keep({"me", "r4", "", much}, day);
  CHECK(ask(io, turns, "me", "r1").has_error());
  CHECK(ask(io, turns, "me", "r4").has_value());
}

TEST_CASE("a ring of ids ends in an error, not in a hang") {
  net::Io io;
  net::Offload offload;
  Turns turns(offload, std::nullopt);
  turns.keep({"me", "r1", "r1", "1"}, day);
  CHECK(ask(io, turns, "me", "r1").error().code == Code::not_found);
  turns.keep({"me", "r1", "r2", "1"}, day);
  turns.keep({"me", "r2", "r1", "2"}, day);
  CHECK(ask(io, turns, "me", "r1").error().code == Code::invalid);
}

TEST_CASE("turns whose time is over are gone from the file") {
  const testing::Scratch scratch;
  const auto file = scratch / "turns.db";
  net::Io io;
  net::Offload offload;
  {
    Turns turns(offload, file);
    turns.keep({"me", "old", "", "1"}, day);
  }
  {
    // With no life left, the next write sweeps.
    Turns turns(offload, file);
    turns.keep({"me", "new", "", "2"}, Milliseconds(-1'000));
  }
  Turns turns(offload, file);
  CHECK(ask(io, turns, "me", "old").has_error());
}

TEST_CASE("the file holds so much and no more, the newest turns, however often one is replaced") {
  const testing::Scratch scratch;
  const auto file = scratch / "turns.db";
  net::Io io;
  net::Offload offload;
  const auto id = [](int i) { return "r" + std::to_string(i); };
  const std::string items(1000, '7');
  constexpr std::size_t most = 20'000;
  for (int run = 0; run < 8; ++run) {
    Turns turns(offload, file, most);
    for (int twice = 0; twice < 2; ++twice)
      for (int i = 0; i < 5; ++i) turns.keep({"me", id(run * 5 + i), "", items}, day);
  }
  Turns turns(offload, file, most);
  int held = 0;
  for (int i = 0; i < 40; ++i) held += ask(io, turns, "me", id(i)).has_value() ? 1 : 0;
  CHECK(held >= 5);
  CHECK(held < 20);
  CHECK(ask(io, turns, "me", id(39)).has_value());
  CHECK(ask(io, turns, "me", id(0)).has_error());
}

TEST_CASE("a file of before knows how much it holds, too") {
  const testing::Scratch scratch;
  const auto file = scratch / "turns.db";
  constexpr std::array before = {std::string_view(
      "CREATE TABLE turn (client TEXT NOT NULL, id TEXT NOT NULL, previous TEXT NOT NULL,"
      " items TEXT NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL,"
      " PRIMARY KEY (client, id)) WITHOUT ROWID;"
      "CREATE INDEX turn_used ON turn (used, bytes);")};
  auto old = db::Database::open(file, before);
  REQUIRE(old.has_value());
  REQUIRE(old->run("INSERT INTO turn VALUES ('me', 'big', '', '1', 9000, 9999999999000),"
                   " ('me', 'small', '', '2', 10, 9999999999001)")
              .has_value());
  net::Io io;
  net::Offload offload;
  { Turns(offload, file, 8'000).keep({"me", "r", "", "3"}, day); }
  Turns turns(offload, file, 8'000);
  CHECK(ask(io, turns, "me", "big").has_error());
  CHECK(ask(io, turns, "me", "small").value() == "2");
}

TEST_CASE("a turn costs as much to write when there are many as when there are few") {
  const testing::Scratch scratch;
  net::Io io;
  net::Offload offload;
  const auto write = [&](int from, int until) {
    const testing::CpuTime time;
    Turns turns(offload, scratch / "turns.db");
    for (int i = from; i < until; ++i) turns.keep({"me", "r" + std::to_string(i), "", "1"}, day);
    return time;
  };
  const auto few = write(0, 1500).seconds();
  write(1500, 10'000);
  CHECK(write(10'000, 11'500).seconds() < 4 * few + 0.1);
}

}  // namespace tpool::cache
