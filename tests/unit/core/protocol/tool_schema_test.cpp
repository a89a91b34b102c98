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
