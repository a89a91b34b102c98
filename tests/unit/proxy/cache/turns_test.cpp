#include "proxy/cache/turns.hpp"

#include <doctest/doctest.h>

#include "../../core/config/scratch.hpp"

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
}

TEST_CASE("without a file memory is all, and a turn whose past is gone is gone") {
  net::Io io;
  net::Offload offload;
  Turns turns(offload, std::nullopt);
  turns.keep({"me", "r2", "r1", "3"}, day);
  CHECK(ask(io, turns, "me", "r2").error().code == Code::not_found);
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

}  // namespace tpool::cache
