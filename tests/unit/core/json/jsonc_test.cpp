#include "core/json/jsonc.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::json;

namespace {

std::string put(std::string_view text, const Path& path, std::string_view value) {
  auto result = with_value(text, path, value);
  REQUIRE(result.has_value());
  REQUIRE(check_settings(*result, "result").has_value());
  CHECK(value_at(*result, path).has_value());
  return *result;
}

}  // namespace

TEST_CASE("comments and trailing commas are blanked, strings are not") {
  const std::string_view text = "{ // one\n \"a\": \"// no\", /* two\n */ \"b\": [1, 2,],\n}";
  const auto strict = without_comments(text);
  CHECK(strict.size() == text.size());
  CHECK(strict.find("one") == std::string::npos);
  CHECK(strict.find("\"// no\"") != std::string::npos);
  CHECK(check_settings(text, "t").has_value());
  CHECK(value_at(text, {"a"}) == "\"// no\"");
  CHECK(value_at(text, {"b"}) == "[1, 2,]");
}

TEST_CASE("a member is put in where its object is, and taking it out gives the text back") {
  for (const std::string_view text :
       {"{}", "{\n}\n", "{\"a\":1}", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n}\n",
        "{\r\n\t\"a\": 1,\r\n\t\"env\": {\r\n\t\t\"X\": \"1\"\r\n\t}\r\n}\r\n",
        "// head\n{\n    \"a\": 1, // of a\n    /* b */ \"b\": {\"c\": [1,2]} // of b\n}\n// "
        "tail\n",
        "{\"env\": {}}", "{\"env\": {\"A\": \"1\", \"B\": \"2\"}}",
        "\xef\xbb\xbf{\n  \"a\": 1\n}\n"}) {
    CAPTURE(text);
    const auto with = put(text, {"env", "KEY"}, "\"v\"");
    CHECK(value_at(with, {"env", "KEY"}) == "\"v\"");
    auto without = without_value(with, {"env", "KEY"});
    if (!value_at(text, {"env"})) without = without_value(without, {"env"});
    REQUIRE(check_settings(without, "t").has_value());
    const auto squeezed = [](std::string_view one) {
      std::string out;
      for (const char c : one)
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') out += c;
      return out;
    };
    CHECK(squeezed(without) == squeezed(text));
  }
}

TEST_CASE("an edit leaves every other byte as it was") {
  const std::string_view text =
      "{\n  // why\n  \"x\" : 1.50e+0,\n  \"env\": { \"A\": \"1\" /* a */ },\n  \"z\": "
      "\"\\u00e9\",\n}\n";
  auto result = put(text, {"env", "A"}, "\"2\"");
  CHECK(result ==
        "{\n  // why\n  \"x\" : 1.50e+0,\n  \"env\": { \"A\": \"2\" /* a */ },\n  \"z\": "
        "\"\\u00e9\",\n}\n");
  CHECK(without_value(text, {"nope"}) == text);
  CHECK(without_value(text, {"env", "nope"}) == text);
  CHECK(without_value(text, {"x", "deeper"}) == text);
  result = without_value(text, {"x"});
  CHECK(result.find("// why") != std::string::npos);
  CHECK(check_settings(result, "t").has_value());
}

TEST_CASE("comments around a member that goes stay, wherever it stands") {
  for (const std::string_view text :
       {"{ /*1*/ \"k\": 1 /*2*/ }", "{ /*1*/ \"k\": 1 /*2*/, /*3*/ \"b\": 2 }",
        "{ \"a\": 0 /*1*/, /*2*/ \"k\": 1 /*3*/ }", "{\"a\":0, // 1\n\"k\":1, // 2\n\"b\":2}"}) {
    CAPTURE(text);
    const auto without = without_value(text, {"k"});
    CHECK(check_settings(without, "t").has_value());
    CHECK_FALSE(value_at(without, {"k"}));
    for (const char mark : {'1', '2', '3'})
      if (text.find("/*" + std::string(1, mark)) != std::string_view::npos)
        CHECK(without.find("/*" + std::string(1, mark)) != std::string::npos);
  }
}

TEST_CASE("the last of duplicate names counts, and a path through no object is refused") {
  const std::string_view text = R"({"a": {"b": 1}, "a": {"b": 2}})";
  CHECK(value_at(text, {"a", "b"}) == "2");
  CHECK(put(text, {"a", "b"}, "3") == R"({"a": {"b": 1}, "a": {"b": 3}})");
  const auto refused = with_value(R"({"a": [1]})", {"a", "b"}, "1");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Code::conflict);
}

TEST_CASE("an empty file becomes one object; what is no object is refused") {
  CHECK(put("", {"a", "b"}, "1") == "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
  CHECK(put("// mine\n", {"a"}, "1") == "// mine\n{\n  \"a\": 1\n}\n");
  for (const std::string_view bad :
       {"[1]", "{", "{\"a\"}", "{} x", "/* open", "\"text\"", "{\"a\":\xff}"}) {
    CAPTURE(bad);
    CHECK(check_settings(bad, "settings").has_error());
  }
}
