#include "core/protocol/tool_schema.hpp"

#include <doctest/doctest.h>

using namespace tpool::protocol;

TEST_CASE("only a `required` that is a keyword and names nothing is left out") {
  CHECK(without_empty_required(R"({"type":"object","required":[]})") == R"({"type":"object"})");
  CHECK(without_empty_required(R"({"required":["a"]})") == R"({"required":["a"]})");
  const char* const kept =
      R"({"properties":{"required":{"type":"array","default":{"required":[]}}},"const":{"required":[]}})";
  CHECK(without_empty_required(kept) == kept);
  CHECK(without_empty_required(R"({"anyOf":[{"required":[]},{"items":{"required":[]}}]})") ==
        R"({"anyOf":[{},{"items":{}}]})");
  CHECK(without_empty_required(R"({"a":null,"b":[null,1.5,"x"]})") ==
        R"({"a":null,"b":[null,1.5,"x"]})");
  CHECK(without_empty_required("not json") == "not json");
}

TEST_CASE("a schema is closed where every object names all it holds and forbids the rest") {
  const auto with = [](std::string_view value) {
    return R"({"type":"object","properties":{"a":)" + std::string(value) +
           R"(},"required":["a"],"additionalProperties":false})";
  };
  CHECK(is_closed_schema(R"({"type":"object","properties":{},"additionalProperties":false})"));
  for (const char* value :
       {R"({"type":["string","null"]})", R"({"$ref":"#/$defs/x"})", R"({"enum":["x"]})",
        R"({"type":"array","items":{"type":"integer","minimum":1}})",
        R"({"anyOf":[{"type":"string"},{"type":"null"}]})"}) {
    CAPTURE(value);
    CHECK(is_closed_schema(with(value)));
    CHECK(is_closed_schema(with(with(value))));
  }
  for (const char* value :
       {"{}", "true", "[]", R"({"type":"object"})", R"({"type":["object","null"]})",
        R"({"type":"object","additionalProperties":{"type":"string"}})",
        R"({"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false})",
        R"({"properties":{"b":{"type":"string"}},"required":["b"]})", R"({"type":"array"})",
        R"({"type":"array","items":{"type":"object"}})",
        R"({"anyOf":[{"type":"string"},{"type":"object"}]})",
        R"({"type":"string","allOf":[{"minLength":1}]})", R"({"oneOf":[{"type":"string"}]})"}) {
    CAPTURE(value);
    CHECK_FALSE(is_closed_schema(with(value)));
    CHECK_FALSE(is_closed_schema(with(with(value))));
  }
  CHECK_FALSE(is_closed_schema(
      R"({"type":"object","additionalProperties":false,"$defs":{"x":{"type":"object"}}})"));
  // A property may have any name.
  CHECK(is_closed_schema(R"({"type":"object","properties":{"oneOf":{"type":"string"}},)"
                         R"("required":["oneOf"],"additionalProperties":false})"));
  CHECK_FALSE(is_closed_schema(R"({"anyOf":[{"type":"string"}]})"));
  CHECK_FALSE(is_closed_schema("not json"));
  CHECK_FALSE(is_closed_schema(""));
}
