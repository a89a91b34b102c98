#include "core/protocol/tool_input.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"

using namespace tpool::protocol;

namespace {

std::string unwrap(std::string_view arguments, std::size_t step) {
  InputUnwrapper unwrapper;
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); i += step) {
    unwrapper.feed(arguments.substr(i, step), out);
  }
  unwrapper.finish(out);
  return out;
}

}  // namespace

TEST_CASE("a wrapped input comes back as it was, wherever the arguments are split") {
  const std::string input =
      "*** Begin\n\"quoted\" \\back\\ \ttab caf\xC3\xA9 \xF0\x9F\x98\x80 \x01 end";
  const std::string wrapped = wrap_input(input);
  for (std::size_t step = 1; step <= wrapped.size(); ++step) CHECK(unwrap(wrapped, step) == input);
}

TEST_CASE("escapes of every kind are undone, split anywhere") {
  const std::string arguments =
      R"( { "input" : "a\nb\t\"\\\/\b\f\r\u00e9\ud83d\ude00\ud83dx\ude00\ud83d\n\q" } )";
  const std::string expected =
      "a\nb\t\"\\/\b\f\r\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\n\\q";
  for (std::size_t step = 1; step <= arguments.size(); ++step) {
    CHECK(unwrap(arguments, step) == expected);
  }
}

TEST_CASE("what a model wrote in another shape is taken as it is meant") {
  for (const std::size_t step : {1, 3, 100}) {
    CHECK(unwrap("plain text", step) == "plain text");
    CHECK(unwrap("{ not json", step) == "{ not json");
    CHECK(unwrap("\"a \\\"string\\\"\"", step) == "a \"string\"");
    CHECK(unwrap(R"({"patch":"p"})", step) == "p");
    CHECK(unwrap(R"({"why":"x","input":"p"})", step) == "p");
    CHECK(unwrap(R"({"a":"x","b":"y"})", step) == R"({"a":"x","b":"y"})");
    CHECK(unwrap(R"({"input":{"deep":1}})", step) == R"({"input":{"deep":1}})");
    CHECK(unwrap(R"({"input":"p","more":1})", step) == "p");
    CHECK(unwrap("", step).empty());
  }
}

TEST_CASE("a quote that was not escaped does not end the input") {
  CHECK(unwrap(R"({"input":"say "hi" twice"})", 1) == R"(say "hi" twice)");
}

TEST_CASE("arguments that stop in the middle give what there was") {
  CHECK(unwrap(R"({"input":"half)", 2) == "half");
  CHECK(unwrap(R"({"inp)", 1) == R"({"inp)");
}

TEST_CASE("a custom tool's description says how to call it and what grammar to follow") {
  tpool::ir::Tool tool;
  tool.description = "Edit files.";
  tool.format = R"({"type":"grammar","syntax":"lark","definition":"start: /.+/"})";
  const std::string text = custom_description(tool);
  CHECK(text.starts_with("Edit files.\n\n"));
  CHECK(text.find("`input`") != std::string::npos);
  CHECK(text.find("lark grammar:\nstart: /.+/") != std::string::npos);
  CHECK(tpool::json::Document::parse(custom_schema()).has_value());
}
