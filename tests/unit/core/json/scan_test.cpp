#include "core/json/scan.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "random_json.hpp"

using namespace tpool;
using json::scan;

namespace {

std::string cut(std::string_view body, json::Range range) {
  return std::string(body.substr(range.begin, range.end - range.begin));
}

}  // namespace

TEST_CASE("scan finds developer roles and compaction, at their places only") {
  const std::string_view chat =
      R"({"messages":[{"role":"developer","content":[{"role":"developer"}]},{"x":"developer"}],)"
      R"("input":[{"role":"developer"}]})";
  const auto found = scan(chat);
  REQUIRE(found.has_value());
  REQUIRE(found->developers.size() == 1);
  const auto range = found->developers[0];
  CHECK(chat.substr(range.begin, range.end - range.begin) == "\"developer\"");
  CHECK(range.begin == 21);
  CHECK(scan(R"({"input":[{"type":"compaction_trigger"}]})")->compaction_trigger);
  CHECK(scan(R"({"input":[{"type":"compaction","encrypted_content":"x"}]})")->compacted);
  for (const auto* item : {R"({"type":"compaction","encrypted_content":"x"})",
                           R"({"encrypted_content":"x","type":"compaction"})"}) {
    const auto text = std::string(R"({"input":[{"encrypted_content":"r","type":"reasoning"},)") +
                      item + R"(,{"type":"reasoning","encrypted_content":"r"}]})";
    const auto both = scan(text);
    REQUIRE(both->sealed.size() == 3);
    CHECK_FALSE(both->sealed[0].compaction);
    CHECK(both->sealed[1].compaction);
    CHECK_FALSE(both->sealed[2].compaction);
  }
  const auto other = scan(R"({"input":[{"content":[{"type":"compaction"}],"t":"compaction"}]})");
  CHECK_FALSE(other->compacted);
  CHECK_FALSE(other->compaction_trigger);
}

TEST_CASE("a scan finds what a request says of its priority, at its places only") {
  const auto facts =
      scan(R"({"metadata":{"user_id":"u","priority":"h\u0069gh"},"service_tier":"flex"})");
  CHECK(facts->priority == "high");
  CHECK(facts->service_tier == "flex");
  for (const auto* body :
       {R"({"metadata":{"a":{"priority":"high"}},"x":{"service_tier":"flex"}})",
        R"({"metadata":{"priority":["high"]},"service_tier":["flex"]})",
        R"({"metadata":["priority","high"],"service_tier":null})",
        R"({"metadata":{"priority":{"x":"high"}},"service_tier":7})",
        R"({"client_metadata":{"priority":"high"},"priority":"high"})",
        R"({"input":[{"metadata":{"priority":"high"},"service_tier":"flex"}]})"}) {
    CAPTURE(body);
    CHECK(scan(body)->priority.empty());
    CHECK(scan(body)->service_tier.empty());
  }
}

TEST_CASE("a scan knows what routing asks and where the members are") {
  const std::string body = R"({ "model" : "a\/b" ,"stream":true,"input":[{"type":"reasoning",)"
                           R"("encrypted_content":"tp1.x"}, {"encrypted_content":null}],)"
                           R"("tools":[{}],"reasoning":{"summary":"auto","effort":"high"},)"
                           R"("prompt_cache_key":"t-1"})";
  const auto facts = scan(body);
  REQUIRE(facts.has_value());
  CHECK(facts->model == "a/b");
  CHECK(facts->stream == true);
  CHECK(facts->session == "t-1");
  CHECK(facts->effort == "high");
  CHECK(facts->tools);
  CHECK_FALSE(facts->images);
  REQUIRE(facts->members.size() == 6);
  CHECK(facts->members[0].name == "model");
  CHECK(cut(body, facts->members[0].value) == R"("a\/b")");
  CHECK(cut(body, facts->members[0].whole) == R"("model" : "a\/b")");
  CHECK(cut(body, facts->members[3].value) == "[{}]");
  REQUIRE(facts->sealed.size() == 1);
  CHECK(cut(body, facts->sealed[0].value) == "\"tp1.x\"");
  CHECK(cut(body, facts->sealed[0].whole) == R"("encrypted_content":"tp1.x")");
}

TEST_CASE("every duplicate is a member and the last model counts, however its name is spelled") {
  const auto facts = scan(R"({"model":"a","m\u006fdel":"b"})");
  REQUIRE(facts.has_value());
  CHECK(facts->model == "b");
  REQUIRE(facts->members.size() == 2);
  CHECK(facts->members[1].name == "model");
  CHECK_FALSE(scan(R"({"model":"a","model":7})")->model);
  CHECK_FALSE(scan(R"({"model":"a","model":{"model":"b"}})")->model);
  CHECK_FALSE(scan(R"({"x":{"model":"b"}})")->model);
}

TEST_CASE("stream counts only as a boolean, tools only as a list with something in it") {
  CHECK(scan(R"({"stream":false})")->stream == false);
  CHECK_FALSE(scan(R"({"stream":"true"})")->stream);
  CHECK_FALSE(scan(R"({"tools":[]})")->tools);
  CHECK_FALSE(scan(R"({"tools":{"a":1}})")->tools);
  CHECK(scan(R"({"tools":["x"]})")->tools);
  CHECK(scan(R"({"reasoning_effort":"low"})")->effort == "low");
  CHECK(scan(R"({"reasoning":"low"})")->effort == "");
}

TEST_CASE("an image is seen at any depth, in any dialect, and only as a type") {
  CHECK(scan(R"({"input":[{"content":[{"type":"input_image"}]}]})")->images);
  CHECK(scan(R"({"messages":[{"content":[{"type" : "image_url"}]}]})")->images);
  CHECK(scan(R"({"messages":[{"content":[{"content":[{"type":"image"}]}]}]})")->images);
  CHECK(scan(R"({"a":[{"\u0074ype":"im\u0061ge"}]})")->images);
  CHECK_FALSE(scan(R"({"a":["type","image",{"type":["image"]},{"x":"image"}]})")->images);
  CHECK_FALSE(scan(R"({"a":[{"type":"images"},{"type":"text","image":"image"}]})")->images);
}

TEST_CASE("sealed members are those of input elements only") {
  CHECK(scan(R"({"input":[[{"encrypted_content":"x"}]]})")->sealed.empty());
  CHECK(scan(R"({"input":{"a":{"encrypted_content":"x"}}})")->sealed.empty());
  CHECK(scan(R"({"other":[{"encrypted_content":"x"}]})")->sealed.empty());
  CHECK(scan(R"({"input":[{"c":[{"encrypted_content":"x"}]}]})")->sealed.empty());
  CHECK(scan(R"({"input":[{"encrypted_content":["x"],"a":"b"}]})")->sealed.empty());
  CHECK(scan(R"({"input":[{"encrypted_content":"x","encrypted_content":"y"}]})")->sealed.size() ==
        2);
}

TEST_CASE("a sealed member knows its item's id, on whichever side of it that stands") {
  const std::string_view body =
      R"({"input":[{"id":"a","encrypted_content":"x"},{"encrypted_content":"y","id" : "b"},)"
      R"({"encrypted_content":"z","content":[{"id":"c"}],"id":7},{"id":"d"},{"encrypted_content":""}]})";
  const auto facts = scan(body);
  REQUIRE(facts->sealed.size() == 4);
  CHECK(cut(body, facts->sealed[0].id) == R"("id":"a")");
  CHECK(cut(body, facts->sealed[1].id) == R"("id" : "b")");
  CHECK(facts->sealed[2].id.end == 0);
  CHECK(facts->sealed[3].id.end == 0);
}

TEST_CASE("a body that is no JSON object is refused and the place named") {
  CHECK(scan("[]").error().message == "request body is not a JSON object");
  CHECK(scan("\"model\"").error().code == Code::invalid);
  CHECK(scan("7").has_error());
  CHECK(scan("").has_error());
  CHECK(scan("{\"a\":\n[1,,2]}").error().message ==
        "request body is not valid JSON: a value was expected at line 2, column 4 (byte 9)");
  CHECK(scan("{\"a\":" + std::string(100000, '[')).error().message.find("deeper than 512") !=
        std::string::npos);
  CHECK(scan("{\"a\":\"\\ud800\"}").error().message.find("surrogate") != std::string::npos);
  CHECK(scan("{\"a\":\"\xff\"}").error().message.find("UTF-8") != std::string::npos);
  CHECK(scan(std::string_view("{}\0", 3)).has_error());
}

TEST_CASE("a body of very many members is refused instead of remembered") {
  std::string body = R"({"model":"m")";
  for (int i = 1; i < 1000; ++i) body += R"(,"a":0)";
  CHECK(scan(body + "}").value().members.size() == 1000);
  const auto refused = scan(body + R"(,"a":0})");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message == "request body has more than 1000 members");
}

TEST_CASE("numbers of any size pass as they are") {
  CHECK(scan("{\"a\":1e400,\"b\":" + std::string(400, '9') + ",\"c\":-0}").has_value());
}

TEST_CASE("scan and parser agree on every random document, whole or broken") {
  test::RandomJson random(23);
  for (int i = 0; i < 4000; ++i) {
    std::string body = random.object();
    if (i % 2)
      body[static_cast<std::size_t>(random.roll(static_cast<int>(body.size())))] =
          static_cast<char>(random.roll(256));
    const auto facts = scan(body);
    const auto parsed = json::Document::parse(body);
    if (!parsed || !parsed->root().is_object()) {
      // A number the parser cannot hold is still JSON.
      if (facts) CHECK(parsed.error().message.find("out of range") != std::string::npos);
      continue;
    }
    REQUIRE(facts.has_value());
    const json::Value root = parsed->root();
    REQUIRE(facts->members.size() == root.size());
    for (std::size_t m = 0; m < root.size(); ++m) {
      CHECK(facts->members[m].name == root.name_at(m));
      const auto value = json::Document::parse(cut(body, facts->members[m].value));
      REQUIRE(value.has_value());
      CHECK(value->root().text() == root.member_at(m).text());
    }
    const auto model = root["model"].string();
    CHECK(facts->model == (model ? std::optional<std::string>(*model) : std::nullopt));
  }
}

TEST_CASE("a place counts lines from one and columns in bytes") {
  CHECK(json::place_of("ab\ncd", 0).column == 1);
  CHECK(json::place_of("ab\ncd", 4).line == 2);
  CHECK(json::place_of("ab\ncd", 4).column == 2);
  CHECK(json::place_of("ab\n", 3).line == 2);
  CHECK(json::place_of("ab", 99).column == 3);
}
