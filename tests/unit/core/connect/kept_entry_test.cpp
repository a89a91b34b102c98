#include "core/connect/kept_entry.hpp"

#include <doctest/doctest.h>

#include "../config/scratch.hpp"

using namespace tpool;

TEST_CASE("the entry of the installed Codex is kept in the cache, private, and read back") {
  const testing::Scratch scratch;
  config::Paths paths;
  paths.cache = scratch / "cache";
  CHECK(connect::kept_entry(paths).empty());
  REQUIRE(connect::keep_entry(paths, R"({"slug":"x"})").has_value());
  CHECK(connect::kept_entry(paths) == R"({"slug":"x"})");
  REQUIRE(connect::keep_entry(paths, R"({"slug":"y"})").has_value());
  CHECK(connect::kept_entry(paths) == R"({"slug":"y"})");
  CHECK(testing::mode_of(connect::kept_entry_file(paths)) == 0600);
}
