#include <doctest/doctest.h>

#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

std::string refusal(Protocol protocol, std::string_view body) {
  const auto request = codec(protocol)->decode_request(body);
  return request ? "accepted" : request.error().message;
}

}  // namespace

TEST_CASE("a wrong Responses request is refused with the place of the mistake") {
  const auto says = [](std::string_view body) { return refusal(Protocol::responses, body); };
  CHECK(says("[]") == "the request body must be a JSON object");
  CHECK(says(R"({"input":"x"})") == "model must be a string");
  CHECK(says(R"({"model":"m"})") == "input must be a string or an array of items");
  CHECK(says(R"({"model":"m","input":5})") == "input must be a string or an array of items");
  CHECK(says(R"({"model":"m","input":[5]})") == "input[0] must be an object");
  CHECK(says(R"({"model":"m","input":[{"x":1}]})") == "input[0].type must be a string");
  CHECK(says(R"({"model":"m","input":[{"role":"robot","content":"x"}]})") ==
        "input[0].role must be user, assistant, developer or system");
  CHECK(says(R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]})") ==
        "input[0].content[0].text must be a string");
  CHECK(says(R"({"model":"m","input":[{"type":"function_call","name":"f"}]})") ==
        "input[0].call_id must be a string");
  CHECK(says(R"({"model":"m","input":"x","tools":{}})") == "tools must be an array of tools");
  CHECK(says(R"({"model":"m","input":"x","tools":[{"type":"function"}]})") ==
        "tools[0].name must be a string");
  CHECK(
      says(
          R"({"model":"m","input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]})") ==
      "tools[0].tools[0].name must be a string");
  CHECK(says(R"({"model":"m","input":"x","tool_choice":"maybe"})") ==
        "tool_choice must be auto, none, required or an object");
  CHECK(says(R"({"model":"m","input":"x","stream":"yes"})") == "stream must be true or false");
  CHECK(says(R"({"model":"m","input":"x","max_output_tokens":1.5})") ==
        "max_output_tokens must be an integer");
  CHECK(says(R"({"model":"m","input":"x","reasoning":{"effort":5}})") ==
        "reasoning.effort must be a string");
  CHECK(says(R"({"model":"m","input":"x","text":{"format":{"type":"xml"}}})") ==
        "text.format.type must be text, json_object or json_schema");
  CHECK(says(std::string(100'000, '[')) != "accepted");
  CHECK(says("{\"model\":\"m\",\"input\":\"\xFF\"}") != "accepted");
  CHECK(says(R"({"model":"m","input":null,"previous_response_id":"r"})") == "accepted");
}

TEST_CASE("a wrong Chat request is refused with the place of the mistake") {
  const auto says = [](std::string_view body) { return refusal(Protocol::chat, body); };
  CHECK(says(R"({"model":"m"})") == "messages must be an array of messages");
  CHECK(says(R"({"model":"m","messages":[]})") == "messages is empty: there is nothing to answer");
  CHECK(says(R"({"model":"m","messages":[{"role":"x"}]})") ==
        "messages[0].role must be system, developer, user, assistant or tool");
  CHECK(says(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]})") ==
        "messages[0].content[0].image_url must be an object with a url");
  CHECK(says(R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}]})") ==
        "messages[0].tool_calls[0].function must be an object");
  CHECK(says(R"({"model":"m","messages":[{"role":"tool","content":"x"}]})") ==
        "messages[0].tool_call_id must be a string");
  CHECK(says(R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":2})") ==
        "n must be 1: tpool serves one answer per request");
  CHECK(says(R"({"model":"m","messages":[{"role":"user","content":"x"}],"stop":[1]})") ==
        "stop[0] must be a string");
  CHECK(
      says(
          R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":5}]})") ==
      "tools[0].function must be an object");
}

TEST_CASE("usage is wanted of a Chat stream only when it says so") {
  const auto wanted = [](std::string_view more) {
    const std::string body =
        R"({"model":"m","messages":[{"role":"user","content":"x"}])" + std::string(more) + "}";
    return codec(Protocol::chat)->decode_request(body)->usage_wanted;
  };
  CHECK(wanted(""));
  CHECK_FALSE(wanted(R"(,"stream":true)"));
  CHECK(wanted(R"(,"stream":true,"stream_options":{"include_usage":true})"));
}

TEST_CASE("a protocol without a codec has none") {
  CHECK(codec(Protocol::echo) == nullptr);
  CHECK(codec(Protocol::chat) != nullptr);
}
