#include "core/json/write.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/json/value.hpp"
#include "random_json.hpp"

using namespace tpool;
using json::Writer;

TEST_CASE("commas and colons come by themselves") {
  std::string out;
  Writer w(out);
  w.begin_object().member("a", 1).key("b").begin_array().integer(1).begin_object().end_object();
  w.null().string("x").end_array().member("c", true).key("d").begin_object().end_object();
  w.key("e").raw("[1, 2]").member("f", "s").end_object();
  CHECK(out == R"({"a":1,"b":[1,{},null,"x"],"c":true,"d":{},"e":[1, 2],"f":"s"})");
}

TEST_CASE("numbers are written shortest, and unknown or infinite as null") {
  std::string out;
  Writer w(out);
  w.begin_array().number(0.1).number(1e21).number(-0.0).integer(INT64_MIN);
  w.number(std::numeric_limits<double>::infinity()).number(std::nan("")).end_array();
  CHECK(out == "[0.1,1e+21,-0,-9223372036854775808,null,null]");
  out.clear();
  Writer(out).begin_object().member("x", std::optional<int>()).member("y", std::optional(2));
  CHECK(out == R"({"x":null,"y":2)");
}

TEST_CASE("a quoted string is escaped as JSON asks and no more") {
  std::string out;
  json::append_quoted(out, std::string_view("a\"\\/\b\f\n\r\t\0\x1f\x7f\xc3\xa9", 14));
  CHECK(out == "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\xc3\xa9\"");
}

TEST_CASE("every byte below 0x80 survives being quoted and read, at every place") {
  for (int byte = 0; byte < 0x80; ++byte)
    for (std::size_t n : {0, 7, 15, 16, 17, 40}) {
      const std::string text = std::string(n, 'a') + static_cast<char>(byte) + std::string(n, 'b');
      std::string quoted;
      json::append_quoted(quoted, text);
      const auto parsed = json::Document::parse(quoted);
      REQUIRE(parsed.has_value());
      CHECK(parsed->root().string() == text);
    }
}

TEST_CASE("indented text is the same document with two spaces per level") {
  CHECK(
      json::indented(R"({"a":[1,{"b":[]},{}],"c":"x:,{"})") ==
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    {}\n  ],\n  \"c\": \"x:,{\"\n}");
  CHECK(json::indented("[]") == "[]");
  CHECK(json::indented(" 1 ") == "1");
  test::RandomJson random(3);
  for (int i = 0; i < 300; ++i) {
    const std::string text = random.object();
    const auto before = json::Document::parse(text);
    const auto after = json::Document::parse(json::indented(text));
    REQUIRE(before.has_value());
    REQUIRE(after.has_value());
    CHECK(before->root().text() == after->root().text());
  }
}
