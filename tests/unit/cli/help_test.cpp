#include "cli/help.hpp"

#include <doctest/doctest.h>

#include "cli/commands.hpp"

using namespace tpool::cli;

TEST_CASE("usage shows what is needed and what is not") {
  const auto& root = commands();
  const auto* provider = root.child("provider");
  REQUIRE(provider != nullptr);
  CHECK(usage_line({&root}) == "tpool COMMAND");
  CHECK(usage_line({&root, provider}) == "tpool provider [COMMAND]");
  CHECK(usage_line({&root, provider, provider->child("rename")}) ==
        "tpool provider rename PROVIDER NEW_ID");
  CHECK(usage_line({&root, provider, provider->child("test")}) ==
        "tpool provider test [PROVIDER...] [options]");
}

TEST_CASE("an example that pipes into tpool is shown as it is typed") {
  CHECK(example_line({"pool enable", ""}) == "tpool pool enable");
  CHECK(example_line({"pass show x | tpool key add x --key-stdin", ""}) ==
        "pass show x | tpool key add x --key-stdin");
}
