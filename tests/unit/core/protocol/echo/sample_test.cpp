#include "core/protocol/echo/sample.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"

using namespace tpool;
using protocol::echo::sample;

TEST_CASE("a value fits its schema") {
  CHECK(sample(R"({"type":"object","properties":{"title":{"type":"string"},"n":{"type":"integer",
        "minimum":3},"ok":{"type":"boolean"},"list":{"type":"array","minItems":2,"items":{"enum":["x","y"]}},
        "c":{"const":{"k":1}},"z":{"type":["null","string"]},"d":{}}})",
               "hi") ==
        R"({"title":"hi","n":3,"ok":true,"list":["x","x"],"c":{"k":1},"z":null,"d":"hi"})");
  CHECK(sample(R"({"$defs":{"a":{"type":"number"}},"type":"array","items":{"$ref":"#/$defs/a"}})",
               "") == "[0]");
  CHECK(sample(R"({"anyOf":[{"type":"null"},{"type":"string"}]})", "") == "null");
}

TEST_CASE("without a schema there is still an object") {
  CHECK(sample("", "a\"b") == R"({"answer":"a\"b"})");
  CHECK(sample("[1]", "x") == R"({"answer":"x"})");
  CHECK(sample("{broken", "x") == R"({"answer":"x"})");
}

TEST_CASE("schemas that refer to themselves or explode stay bounded and valid") {
  const std::string text(60, 't');
  for (const char* schema :
       {R"({"$ref":"#"})", R"({"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}})",
        R"({"type":"array","minItems":9999999999,"items":{"$ref":"#"}})",
        R"({"anyOf":[{"$ref":"#"}]})", R"({"$ref":"#/a/b//"})", R"({"$ref":"http://x/"})",
        R"({"type":7,"properties":[],"items":3,"enum":{}})"}) {
    const std::string value = sample(schema, text);
    CHECK_MESSAGE(json::Document::parse(value).has_value(), value.substr(0, 200));
    CHECK(value.size() < 200000);
  }
}
