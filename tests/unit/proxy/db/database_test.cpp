#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "../../core/config/scratch.hpp"
#include "core/config/private_file.hpp"
#include "proxy/db/writer.hpp"

namespace tpool::db {
namespace {

constexpr std::array one_step = {std::string_view("CREATE TABLE t (a TEXT, b INTEGER)")};
constexpr std::array two_steps = {one_step[0],
                                  std::string_view("ALTER TABLE t ADD COLUMN c INTEGER DEFAULT 7")};

std::int64_t count(Database& database) {
  auto asked = database.prepare("SELECT COUNT(*) FROM t");
  REQUIRE(asked.has_value());
  REQUIRE(asked->step().value());
  return asked->number(0);
}

}  // namespace

TEST_CASE("a database is made private, written and read") {
  const testing::Scratch scratch;
  const auto file = scratch / "state" / "x.db";
  auto made = Database::open(file, one_step);
  REQUIRE(made.has_value());
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  auto insert = made->prepare("INSERT INTO t VALUES (?, ?)");
  REQUIRE(insert.has_value());
  const std::string odd("a\0b 'quoted' ü", 15);
  REQUIRE(insert->bind(1, odd).bind(2, std::int64_t{1} << 40).run().has_value());
  REQUIRE(insert->bind(1, "").bind(2, -1).run().has_value());
  auto asked = made->prepare("SELECT a, b FROM t ORDER BY b DESC");
  REQUIRE(asked->step().value());
  CHECK(asked->text(0) == odd);
  CHECK(asked->number(1) == std::int64_t{1} << 40);
  REQUIRE(asked->step().value());
  CHECK(asked->text(0).empty());
  CHECK_FALSE(asked->step().value());
  CHECK(made->run("nonsense").error().code == Code::unavailable);
}

TEST_CASE("those who make a database at the same moment all get it") {
  for (int round = 0; round < 20; ++round) {
    const testing::Scratch scratch;
    std::atomic<int> opened = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
          const auto database = Database::open(scratch / "state" / "x.db", two_steps);
          opened += database.has_value();
        });
    }
    CHECK(opened == 4);
  }
}

TEST_CASE("an older file is brought up to date, a newer one refused and left alone") {
  const testing::Scratch scratch;
  const auto file = scratch / "x.db";
  REQUIRE(Database::open(file, one_step)->run("INSERT INTO t VALUES ('x', 1)").has_value());
  {
    auto newer = Database::open(file, two_steps);
    REQUIRE(newer.has_value());
    auto asked = newer->prepare("SELECT c FROM t");
    REQUIRE(asked->step().value());
    CHECK(asked->number(0) == 7);
  }
  const auto refused = Database::open(file, one_step);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Code::conflict);
  CHECK(refused.error().message.find("newer tpool") != std::string::npos);
}

TEST_CASE("what is no database is said to be none and stays as it is") {
  const testing::Scratch scratch;
  const auto file = scratch / "x.db";
  const std::string text(4096, 'z');
  std::ofstream(file) << text;
  const auto refused = Database::open(file, one_step);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Code::corrupt);
  CHECK(config::read_file(file).value() == text);
}

TEST_CASE("the writer writes in order, all of it before it ends") {
  const testing::Scratch scratch;
  const auto file = scratch / "x.db";
  {
    Writer writer(file, one_step);
    for (int i = 0; i < 500; ++i) {
      auto work = [i](Database& database) {
        return database.run("INSERT INTO t VALUES ('', " + std::to_string(i) + ")");
      };
      CHECK(writer.post(work, 10));
    }
  }
  auto database = Database::open(file, one_step);
  CHECK(count(*database) == 500);
  auto asked = database->prepare("SELECT b FROM t ORDER BY rowid");
  for (int i = 0; i < 500; ++i) {
    REQUIRE(asked->step().value());
    CHECK(asked->number(0) == i);
  }
}

TEST_CASE("what a batch could not commit is not said to be kept") {
  const testing::Scratch scratch;
  std::promise<void> begun;
  std::promise<void> go_on;
  std::vector<int> kept;
  {
    Writer writer(scratch / "x.db", one_step);
    // While the first is at work the other two come, and go into one batch.
    auto first = [&](Database& database) {
      begun.set_value();
      go_on.get_future().wait();
      return database.run("INSERT INTO t VALUES ('a', 1)");
    };
    auto good = [](Database& database) { return database.run("INSERT INTO t VALUES ('b', 2)"); };
    auto bad = [](Database& database) { return database.run("nonsense"); };
    CHECK(writer.post(first, 1, [&] { kept.push_back(1); }));
    begun.get_future().wait();
    CHECK(writer.post(good, 1, [&] { kept.push_back(2); }));
    CHECK(writer.post(bad, 1, [&] { kept.push_back(3); }));
    go_on.set_value();
  }
  CHECK(kept == std::vector<int>{1});
}

TEST_CASE("a full queue drops and counts; a batch that fails leaves nothing half done") {
  const testing::Scratch scratch;
  const auto file = scratch / "x.db";
  {
    Writer writer(file, one_step);
    CHECK_FALSE(writer.post([](Database&) { return Result<>(); }, Writer::most_queued + 1));
    CHECK(writer.dropped() == 1);
    auto half = [](Database& database) -> Result<> {
      (void)database.run("INSERT INTO t VALUES ('half', 0)");
      return database.run("nonsense");
    };
    CHECK(writer.post(half, 10));
  }
  auto database = Database::open(file, one_step);
  CHECK(count(*database) == 0);
}

}  // namespace tpool::db
