#include "core/protocol/responses/usage.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using protocol::responses::read_usage;

namespace {

std::string said(const std::optional<ir::Usage>& usage) {
  if (!usage) return "nothing";
  std::string text;
  json::Writer writer(text);
  protocol::responses::write_usage(writer, *usage);
  return text;
}

}  // namespace

TEST_CASE("usage: read from the text of an answer it is what it is in a document") {
  for (const std::string_view text : {
           R"({"input_tokens":11,"output_tokens":22,"total_tokens":33})",
           R"({"prompt_tokens":11,"completion_tokens":22})",
           R"({"input_tokens":null,"prompt_tokens":4,"output_tokens":1})",
           R"({"input_tokens":1e3,"output_tokens":5.0,"input_tokens_details":{"cached_tokens":7}})",
           R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":99,"cache_write_tokens":3},
               "output_tokens":4,"output_tokens_details":{"reasoning_tokens":3}})",
           R"({"input_tokens":10,"input_tokens_details":null,"output_tokens_details":[1]})",
           R"({"input_tokens":-5,"output_tokens":2})",
           R"({"input_tokens":99999999999999999999,"output_tokens":9223372036854775807})",
           R"({"input_tokens":"12","output_tokens":true})",
           R"({"input_tokens":1,"input_tokens":2,"output_tokens":3})",
           R"({"input\u005ftokens":6,"output_tokens":3})",
           R"({ "input_tokens" : 6 , "output_tokens" : -0 })",
           R"({})",
           R"([])",
           R"(null)",
           R"("x")",
       }) {
    CAPTURE(text);
    const auto document = json::Document::parse(text, "usage");
    REQUIRE(document.has_value());
    CHECK(said(read_usage(text)) == said(read_usage(document->root())));
  }
  CHECK(said(read_usage(std::string_view())) == "nothing");
  CHECK(said(read_usage(std::string_view(R"({"input_tokens":11,"output_tokens":22})")))
            .starts_with(R"({"input_tokens":11,)"));
}
