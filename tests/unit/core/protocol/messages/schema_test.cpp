#include "core/protocol/messages/schema.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"

using namespace tpool;
using namespace tpool::protocol::messages;

namespace {

std::string fitted(std::string_view schema) {
  return fit_schema(schema).rewritten.value_or("as it is");
}

}  // namespace

TEST_CASE("a schema that Messages providers take stays byte for byte") {
  for (
      const char* schema :
      {R"({ "type": "object", "properties": {}, "additionalProperties": false })",
       R"({"type":"array","items":{"type":"string","pattern":"x"},"minItems":1})", "{}", "true",
       R"({"enum":[{"type":"object","minimum":1}],"const":{"maximum":2},"default":{"type":"object"}})",
       R"({"properties":{"minimum":{"type":"string"},"properties":{"type":"number"},)"
       R"("additionalProperties":{"type":"null"}},"additionalProperties":false})",
       "not json", ""}) {
    CAPTURE(schema);
    CHECK_FALSE(fit_schema(schema).rewritten.has_value());
    CHECK_FALSE(fit_schema(schema).open);
  }
}

TEST_CASE("every object of a schema is closed, wherever it is") {
  CHECK(fitted(R"({"type":"object"})") == R"({"type":"object","additionalProperties":false})");
  CHECK(fitted(
            R"({"type":["null","object"],"additionalProperties":{"type":"string"},"title":"t"})") ==
        R"({"type":["null","object"],"title":"t","additionalProperties":false})");
  CHECK(fitted(R"({"properties":{"object":{"type":"object","additionalProperties":true}}})") ==
        R"({"properties":{"object":{"type":"object","additionalProperties":false}},)"
        R"("additionalProperties":false})");
  for (const char* place :
       {R"({"items":@})", R"({"anyOf":[{"type":"null"},@]})", R"({"oneOf":[@]})",
        R"({"allOf":[@]})", R"({"$defs":{"type":@}})", R"({"definitions":{"a":@}})"}) {
    CAPTURE(place);
    const auto with = [&](std::string_view schema) {
      std::string text = place;
      return text.replace(text.find('@'), 1, schema);
    };
    CHECK(fitted(with(R"({"type":"object"})")) ==
          with(R"({"type":"object","additionalProperties":false})"));
  }
}

TEST_CASE("what a Messages provider cannot be asked for is said in the description") {
  CHECK(fitted(R"({"minimum":1,"type":"integer","exclusiveMaximum":9.5})") ==
        R"j({"type":"integer","description":"(minimum: 1, exclusiveMaximum: 9.5)"})j");
  CHECK(fitted(R"({"type":"string","description":"Who.","minLength":2,"maxLength":3})") ==
        R"j({"type":"string","description":"Who. (minLength: 2, maxLength: 3)"})j");
  CHECK(fitted(R"({"type":"array","minItems":3,"maxItems":4,"uniqueItems":true})") ==
        R"j({"type":"array","description":"(minItems: 3, maxItems: 4, uniqueItems: true)"})j");
  // Names of the client's are no keywords, values no schemas.
  CHECK(fitted(R"({"properties":{"minimum":{"multipleOf":2},"description":{"maximum":1}}})") ==
        R"j({"properties":{"minimum":{"description":"(multipleOf: 2)"},)j"
        R"j("description":{"description":"(maximum: 1)"}},"additionalProperties":false})j");
  CHECK(fitted(R"({"exclusiveMinimum":0,"enum":[{"minimum":1},null]})") ==
        R"j({"enum":[{"minimum":1},null],"description":"(exclusiveMinimum: 0)"})j");
}

TEST_CASE("a fitted schema is valid JSON, fits, and may be as deep as any") {
  std::string deep = R"({"type":"object"})";
  for (int i = 0; i < 500; ++i) deep = R"({"items":)" + deep + "}";
  const auto fitting = fit_schema(deep).rewritten;
  REQUIRE(fitting.has_value());
  CHECK(json::Document::parse(*fitting).has_value());
  CHECK_FALSE(fit_schema(*fitting).rewritten.has_value());
  CHECK_FALSE(fit_schema(std::string(100'000, '[')).rewritten.has_value());
}

TEST_CASE("an object that takes any names is told, for closed it would hold nothing") {
  for (const char* schema :
       {R"({"type":"object"})", R"({"type":"object","additionalProperties":true})",
        R"({"properties":{},"additionalProperties":{"type":"string"}})",
        R"({"type":"object","anyOf":[{"properties":{"a":{"type":"null"}}}]})",
        R"({"properties":{"a":{"items":{"type":"object"}}},"additionalProperties":false})"}) {
    CAPTURE(schema);
    CHECK(fit_schema(schema).open);
  }
  for (const char* schema :
       {R"({"type":"object","properties":{}})", R"({"type":"object","additionalProperties":false})",
        R"({"properties":{"a":{"type":"null"}},"additionalProperties":true})"}) {
    CAPTURE(schema);
    CHECK_FALSE(fit_schema(schema).open);
  }
}
