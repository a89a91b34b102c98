#include "cli/key_input.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::cli;
using Words = std::vector<std::string>;

TEST_CASE("a command line is split as a shell would, and not more") {
  CHECK(*split_words("pass show deepseek") == Words{"pass", "show", "deepseek"});
  CHECK(*split_words("  a   b ") == Words{"a", "b"});
  CHECK(*split_words("op read 'op://x/y z'") == Words{"op", "read", "op://x/y z"});
  CHECK(*split_words(R"(a "b \"c" d\ e)") == Words{"a", "b \"c", "d e"});
  CHECK(*split_words("a '' b") == Words{"a", "", "b"});
  CHECK(*split_words("a; $b | c") == Words{"a;", "$b", "|", "c"});
  CHECK(split_words("")->empty());
  CHECK_FALSE(split_words("a 'b").has_value());
}
