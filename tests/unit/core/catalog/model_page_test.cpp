#include "core/catalog/model_page.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::catalog;

namespace {

std::string told(std::string_view body) {
  const auto page = parse_model_page(body);
  REQUIRE(page.has_value());
  std::string text;
  for (const auto& model : page->models)
    text += (text.empty() ? "" : " ") + model.id +
            (model.no_chat.empty() ? "" : "(" + model.no_chat + ")");
  return text + (page->next.empty() ? "" : " ?" + page->next);
}

}  // namespace

TEST_CASE("lists in the wild are read whatever their shape") {
  CHECK(told(R"({"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"a"}]})") == "a b");
  CHECK(told(R"(["a","b"])") == "a b");
  CHECK(told(R"([{"id":"a","type":"chat"},{"id":"b","type":"image"}])") == "a b(image)");
  CHECK(told(R"({"models":[{"name":"llama3:8b","model":"llama3:8b"}]})") == "llama3:8b");
  CHECK(told(R"({"models":{"a":{"x":1},"b":{}}})") == "a b");
  CHECK(told(R"({"a":{"context":1},"b":{"context":2}})") == "a b");
  CHECK(told(R"({"models":[]})").empty());
}

TEST_CASE("what a list says against chatting is believed before the name") {
  CHECK(told(R"({"models":[
          {"name":"models/gemini-x","supportedGenerationMethods":["generateContent","countTokens"]},
          {"name":"models/embed","supportedGenerationMethods":["embedContent"]}],
          "nextPageToken":"a b/+"})") ==
        "gemini-x embed(it does not generate text) ?pageToken=a%20b%2F%2B");
  CHECK(told(R"({"data":[{"id":"x","architecture":{"output_modalities":["image"]}},
                         {"id":"y","architecture":{"output_modalities":["image","text"]}}]})") ==
        "x(its output is image) y");
  CHECK(
      told(
          R"({"data":[{"id":"m","capabilities":{"completion_chat":false}},{"id":"old","status":"Shutdown"}]})") ==
      "m(it does not chat) old(it was shut down)");
  CHECK(
      told(R"({"data":[{"id":"text-embedding-3-large"},{"id":"whisper-1"},{"id":"gpt-6-sol"}]})") ==
      "text-embedding-3-large(embedding) whisper-1(whisper) gpt-6-sol");
}

TEST_CASE("the next page is asked for the way its list says") {
  CHECK(told(R"({"data":[{"id":"a"}],"has_more":true,"last_id":"a"})") == "a ?after_id=a");
  CHECK(told(R"({"data":[{"id":"a"}],"has_more":false,"last_id":"a"})") == "a");
}

TEST_CASE("what is no list says so") {
  for (const std::string_view bad :
       {"", "null", "{}", "3", R"({"error":{"message":"no"}})", R"({"data":"x"})", R"([{"x":1}])",
        R"({"models":{"a":1}})", "<html>"}) {
    CAPTURE(bad);
    CHECK(parse_model_page(bad).has_error());
  }
}
