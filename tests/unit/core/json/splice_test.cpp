#include "core/json/splice.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "random_json.hpp"

using namespace tpool;

namespace {

// The members of an object as name and value text, without one set of them.
std::string without(std::string_view body, const std::vector<bool>& gone) {
  const auto parsed = json::Document::parse(body);
  std::string out;
  for (std::size_t i = 0; i < parsed->root().size(); ++i)
    if (i >= gone.size() || !gone[i])
      out +=
          std::string(parsed->root().name_at(i)) + "=" + parsed->root().member_at(i).text() + ";";
  return out;
}

std::string removed(std::string_view body, std::vector<std::size_t> which) {
  const auto facts = json::scan(body);
  json::Splice splice;
  for (const std::size_t i : which) splice.remove_member(body, facts->members[i].whole);
  return splice.text(body);
}

}  // namespace

TEST_CASE("a member is removed with one comma, wherever it stands") {
  const std::string body = "{ \"a\":1 , \"b\":2,\n\"c\":3 }";
  CHECK(removed(body, {0}) == "{  \"b\":2,\n\"c\":3 }");
  CHECK(removed(body, {1}) == "{ \"a\":1 , \n\"c\":3 }");
  CHECK(removed(body, {2}) == "{ \"a\":1 , \"b\":2 }");
  CHECK(removed(body, {1, 2}) == "{ \"a\":1 \n }");
  CHECK(removed(body, {0, 2}) == "{  \"b\":2 }");
  CHECK(removed(body, {2, 1, 0}) == "{  \n }");
  CHECK(removed("{\"a\":1}", {0}) == "{}");
}

TEST_CASE("pieces are views of the body between the new text") {
  const std::string body = R"({"model":"x","input":"long"})";
  const auto facts = json::scan(body);
  json::Splice splice;
  CHECK(splice.empty());
  splice.replace(facts->members[0].value, "\"provider-model\"");
  CHECK_FALSE(splice.empty());
  const auto pieces = splice.pieces(body);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].data() == body.data());
  CHECK(pieces[1] == "\"provider-model\"");
  CHECK(pieces[2] == ",\"input\":\"long\"}");
  CHECK(pieces[2].data() == body.data() + 12);
}

TEST_CASE("an empty range inserts, and nothing edited is the body itself") {
  json::Splice splice;
  CHECK(splice.text("{}") == "{}");
  splice.replace({1, 1}, "\"a\":1");
  CHECK(splice.text("{}") == "{\"a\":1}");
}

TEST_CASE("appended members get a comma only when something is before them") {
  const auto appended = [](std::string_view body, std::vector<std::size_t> gone) {
    const auto facts = json::scan(body);
    json::Splice splice;
    splice.append_member(body, "x", "1");
    for (const std::size_t i : gone) splice.remove_member(body, facts->members[i].whole);
    splice.append_member(body, "y\"", "[]");
    return splice.text(body);
  };
  CHECK(appended("{}", {}) == R"({"x":1,"y\"":[]})");
  CHECK(appended("{ }", {}) == R"({ "x":1,"y\"":[]})");
  CHECK(appended(R"({"a":{}})", {}) == R"({"a":{},"x":1,"y\"":[]})");
  CHECK(appended(R"({"a":1})", {0}) == R"({"x":1,"y\"":[]})");
  CHECK(appended(R"({"a":1,"b":2})", {0, 1}) == R"({"x":1,"y\"":[]})");
  CHECK(appended(R"({"a":1,"b":2})", {1}) == R"({"a":1,"x":1,"y\"":[]})");
  CHECK(appended(R"({"a":1,"b":2,"c":3})", {1, 2}) == R"({"a":1,"x":1,"y\"":[]})");
}

TEST_CASE("a sealed member goes from the first, middle, last and only place of its item") {
  for (const char* item :
       {R"({"encrypted_content":"x","a":1})", R"({"a":1,"encrypted_content":"x"})",
        R"({"a":1, "encrypted_content" : "x" ,"b":2})", R"({"encrypted_content":"x"})",
        R"({"encrypted_content":"x","encrypted_content":"y"})"}) {
    const std::string body = std::string("{\"input\":[") + item + ",1]}";
    const auto facts = json::scan(body);
    json::Splice splice;
    for (const auto& sealed : facts->sealed) splice.remove_member(body, sealed.whole);
    const auto after = json::scan(splice.text(body));
    REQUIRE(after.has_value());
    CHECK(after->sealed.empty());
  }
}

TEST_CASE("random edits leave valid JSON and every other byte as it was") {
  test::RandomJson random(31);
  for (int i = 0; i < 4000; ++i) {
    const std::string body = random.object();
    const auto facts = json::scan(body);
    REQUIRE(facts.has_value());
    std::vector<bool> gone;
    std::string replaced_away;  // the body with replaced values blanked, to compare
    json::Splice removals;
    json::Splice replacements;
    std::size_t at = 0;
    for (const auto& member : facts->members) {
      gone.push_back(random.roll(2) == 0);
      if (gone.back()) {
        removals.remove_member(body, member.whole);
        replacements.replace(member.value, "\"NEW\"");
        replaced_away += body.substr(at, member.value.begin - at) + "\"NEW\"";
        at = member.value.end;
      }
    }
    replaced_away += body.substr(at);
    CHECK(replacements.text(body) == replaced_away);

    const bool append = random.roll(2) == 0;
    if (append) removals.append_member(body, "appended", "true");
    const std::string after = removals.text(body);
    CHECK(removals.text(body) == after);
    REQUIRE_MESSAGE(json::scan(after).has_value(), after);
    CHECK(without(after, {}) == without(body, gone) + (append ? "appended=true;" : ""));
  }
}
