#include "core/json/signatures.hpp"

#include <doctest/doctest.h>

using namespace tpool::json;

TEST_CASE("signatures of thinking are found where such blocks stand, and nowhere else") {
  const std::string body =
      R"({"tools":[{"input_schema":{"properties":{"signature":{"type":"thinking"}}}}],)"
      R"("messages":[{"role":"user","content":"signature"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"a","signature":"one"},{"type":"text","text":"\"signature\":\"x\""},)"
      R"({"signature":"two","type":"thinking"},{"type":"tool_use","signature":"no","input":{"type":"thinking","signature":"no"}}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"b"},"odd",3,{"type":"thinking","signature":"three"}]}]})";
  const auto found = request_signatures(body);
  REQUIRE(found.size() == 3);
  const auto text = [&](const Range& range) {
    return body.substr(range.begin, range.end - range.begin);
  };
  CHECK(text(found[0].value) == "\"one\"");
  CHECK(text(found[1].value) == "\"two\"");
  CHECK(text(found[2].value) == "\"three\"");
  CHECK(text(found[1].block) == R"({"signature":"two","type":"thinking"})");
  CHECK(found[0].list == found[1].list);
  CHECK(found[0].list != found[2].list);
  CHECK(found[0].siblings == 4);
  CHECK(found[2].siblings == 4);

  const std::string answer =
      R"({"content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"tool_use","input":{"signature":"no"}}]})";
  REQUIRE(answer_signatures(answer).size() == 1);
  CHECK(answer_signatures(answer)[0].siblings == 2);
  const std::string hidden =
      R"({"content":[{"data":"d","type":"redacted_thinking"},{"type":"image","data":"no"},)"
      R"({"type":"redacted_thinking","signature":"no"},{"type":"thinking","data":"no","signature":"s"}]})";
  REQUIRE(answer_signatures(hidden).size() == 2);
  const auto value = answer_signatures(hidden)[0].value;
  CHECK(hidden.substr(value.begin, value.end - value.begin) == "\"d\"");
  CHECK(answer_signatures("{").empty());
  CHECK(answer_signatures("[]").empty());
}
