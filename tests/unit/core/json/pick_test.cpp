#include "core/json/pick.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace tpool;

namespace {

std::array<std::string_view, 2> picked(std::string_view text) {
  constexpr std::array<std::string_view, 2> names{"usage", "error"};
  std::array<std::string_view, 2> values;
  CHECK(json::pick(text, names, values));
  return values;
}

}  // namespace

TEST_CASE("members of the top level are picked as they stand, whatever else has their names") {
  const auto values = picked(
      R"( {"a":{"usage":1,"error":[2]},"usage": {"n": [1, 2]} ,"b":["error"],"error":null} )");
  CHECK(values[0] == R"({"n": [1, 2]})");
  CHECK(values[1] == "null");
  CHECK(picked(R"({"x":1})")[0].empty());
  CHECK(picked(R"({"usage":1,"usage":"two"})")[0] == "\"two\"");
  CHECK(picked(R"({"\u0075sage":-3.5e2})")[0] == "-3.5e2");
}

TEST_CASE("what is no valid object has no members") {
  constexpr std::array<std::string_view, 1> names{"usage"};
  std::array<std::string_view, 1> values;
  for (const char* text : {"", "[]", "null", "\"usage\"", "{\"usage\":1", "{\"usage\":1}x",
                           "{\"usage\":\"\\ud800\"}", "[{\"usage\":1}]"}) {
    CAPTURE(text);
    CHECK_FALSE(json::pick(text, names, values));
  }
}
