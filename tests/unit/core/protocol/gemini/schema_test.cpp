#include "core/protocol/gemini/schema.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/json/value.hpp"

using namespace tpool;
using namespace tpool::protocol::gemini;

namespace {

std::string said(const std::string& schema, std::string* losses = nullptr) {
  std::vector<ir::Loss> found;
  const std::string out = parameters_schema(schema, found);
  if (losses != nullptr) *losses = ir::summary(found);
  if (!out.empty()) CHECK(json::Document::parse(out).has_value());
  return out;
}

std::string property(const std::string& schema, std::string* losses = nullptr) {
  return said(R"({"type":"object","properties":{"p":)" + schema + "}}", losses);
}

std::string wrapped(const std::string& schema) {
  return R"({"type":"OBJECT","properties":{"p":)" + schema + "}}";
}

}  // namespace

TEST_CASE("what Gemini can say is said without loss") {
  std::string losses;
  CHECK(property(R"({"type":["string","null"],"description":"d"})", &losses) ==
        wrapped(R"({"type":"STRING","nullable":true,"description":"d"})"));
  CHECK(losses.empty());
  CHECK(property(R"({"const":"x"})", &losses) ==
        wrapped(R"({"type":"STRING","format":"enum","enum":["x"]})"));
  CHECK(losses.empty());
  CHECK(property(R"({"type":"integer","exclusiveMinimum":0,"minimum":-5})", &losses) ==
        wrapped(R"({"type":"INTEGER","minimum":1})"));
  CHECK(losses.empty());
  CHECK(property(R"({"type":"object","properties":{},"additionalProperties":false})", &losses) ==
        wrapped(R"({"type":"OBJECT"})"));
  CHECK(losses.empty());
}

TEST_CASE("a function without arguments has no schema") {
  CHECK(said("{}").empty());
  CHECK(said(R"({"type":"object","properties":{}})").empty());
  CHECK(said("").empty());
  CHECK(said("true").empty());
}

TEST_CASE("references are written out, and one that leads back into itself is left open") {
  std::string losses;
  CHECK(said(R"({"type":"object","properties":{"p":{"$ref":"#/$defs/a%20b~1c"}},
              "$defs":{"a b/c":{"type":"boolean"}}})",
             &losses) == wrapped(R"({"type":"BOOLEAN"})"));
  CHECK(losses.empty());
  said(R"({"type":"object","properties":{"p":{"$ref":"#"}}})", &losses);
  CHECK(losses.find("tools.schema.recursion approximated") != std::string::npos);
  said(R"({"type":"object","properties":{"p":{"$ref":"#/$defs/a"}},
           "$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
       &losses);
  CHECK(losses.find("tools.schema.recursion approximated 1") != std::string::npos);
  property(R"({"$ref":"https://example.com/s.json"})", &losses);
  CHECK(losses.find("tools.schema.ref approximated 1") != std::string::npos);
}

TEST_CASE("a hostile schema costs neither time nor room") {
  std::string losses;
  // Each level names the next one four times.
  std::string doubling = R"({"type":"object","properties":{"p":{"$ref":"#/$defs/d0"}},"$defs":{)";
  for (int i = 0; i < 30; ++i) {
    const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + R"("})";
    doubling += "\"d" + std::to_string(i) + R"(":{"type":"object","properties":{"a":)" + next +
                ",\"b\":" + next + ",\"c\":" + next + ",\"d\":" + next + "}},";
  }
  doubling += R"("d30":{"type":"string"}}})";
  CHECK(said(doubling, &losses).size() < 1'000'000);
  CHECK(losses.find("tools.schema.size approximated") != std::string::npos);

  std::string wide = R"({"type":"object","required":["p0"],"properties":{)";
  for (int i = 0; i < 200'000; ++i) {
    wide += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + R"(":{"type":"string"})";
  }
  CHECK(said(wide + "}}", &losses).size() < 1'000'000);

  std::string deep;
  for (int i = 0; i < 120; ++i) deep += R"({"type":"object","properties":{"a":)";
  deep += R"({"type":"string"})";
  for (int i = 0; i < 120; ++i) deep += "}}";
  CHECK(!said(deep, &losses).empty());
  CHECK(losses.find("tools.schema.size approximated 1") != std::string::npos);

  std::string merged = R"({"type":"object","properties":{"p":{"allOf":[)";
  for (int i = 0; i < 20'000; ++i)
    merged += (i > 0 ? "," : "") + std::string(R"({"type":"string"})");
  CHECK(said(merged + "]}}}", &losses) == wrapped(R"({"type":"STRING"})"));

  std::string options = R"({"type":"object","properties":{"p":{"anyOf":[)";
  for (int i = 0; i < 100'000; ++i)
    options += (i > 0 ? "," : "") + std::string(R"({"type":"string"})");
  CHECK(said(options + "]}}}", &losses).size() < 100'000);
}

TEST_CASE("an answer's schema keeps the order of its members") {
  std::vector<ir::Loss> losses;
  CHECK(response_schema(R"({"type":"object","properties":{"z":{"type":"string"},"a":{}},
                            "required":["a","z","never"]})",
                        losses) ==
        R"({"type":"OBJECT","properties":{"z":{"type":"STRING"},"a":{"anyOf":[{"type":"STRING"},)"
        R"({"type":"NUMBER"},{"type":"BOOLEAN"},{"type":"OBJECT"}]}},"propertyOrdering":["z","a"],)"
        R"("required":["a","z"]})");
  CHECK(response_schema(R"({"type":"array","items":{"type":"integer"}})", losses) ==
        R"({"type":"ARRAY","items":{"type":"INTEGER"}})");
}
