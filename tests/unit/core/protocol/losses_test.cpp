// What a target cannot say is counted, wherever in a request it stands, and in every protocol.
#include <doctest/doctest.h>

#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

std::string losses(Protocol from, std::string_view body, Protocol to, const Dialect& dialect = {}) {
  const auto request = codec(from)->decode_request(body);
  REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
  return ir::summary(provider_codec(to)->encode_request(*request, {"p", "m", dialect}).losses);
}

std::string sent(Protocol from, std::string_view body, Protocol to) {
  const auto request = codec(from)->decode_request(body);
  REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
  return provider_codec(to)->encode_request(*request, {"p", "m"}).body;
}

}  // namespace

TEST_CASE("members of tools and messages that only their own protocol has are counted") {
  constexpr std::string_view messages =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],"tools":[)"
      R"({"name":"f","input_schema":{"type":"object"},"input_examples":[{}]}]})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini})
    CHECK(losses(Protocol::messages, messages, to) == "tools.input_examples dropped 1");
  CHECK(losses(Protocol::messages, messages, Protocol::messages) == "");
  constexpr std::string_view chat =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"system","name":"s","content":"x"},)"
      R"({"role":"user","name":"u","content":"hi"}]})";
  for (const Protocol to : {Protocol::responses, Protocol::messages, Protocol::gemini})
    CHECK(losses(Protocol::chat, chat, to).find("name dropped") != std::string::npos);
}

TEST_CASE("strict tools and one call at a time are counted where nobody sees to them") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],)"
      R"("parallel_tool_calls":false,"tools":[)"
      R"({"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object",)"
      R"("additionalProperties":false}}}]})";
  Dialect plain;
  plain.strict_tools = plain.parallel_tool_calls = false;
  for (const Protocol to : {Protocol::chat, Protocol::messages}) {
    CHECK(losses(Protocol::chat, body, to, plain) ==
          "tools.strict dropped 1; parallel_tool_calls dropped 1");
    CHECK(losses(Protocol::chat, body, to) == "");
  }
  CHECK(losses(Protocol::chat, body, Protocol::responses, plain) ==
        "parallel_tool_calls dropped 1");
  CHECK(losses(Protocol::chat, body, Protocol::gemini) ==
        "tools.strict dropped 1; parallel_tool_calls dropped 1");
}

TEST_CASE("what is said of a document goes with it, or is counted") {
  const auto body = [](std::string_view source) {
    return R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":[{"type":"document",)"
           R"("title":"T","context":"Read it so.","citations":{"enabled":true},"source":)" +
           std::string(source) + "}]}]}";
  };
  const std::string words = body(R"({"type":"text","media_type":"text/plain","data":"words"})");
  CHECK(sent(Protocol::messages, words, Protocol::chat).find(R"(# T\n\nRead it so.\n\nwords)") !=
        std::string::npos);
  const std::string file =
      body(R"({"type":"base64","media_type":"application/pdf","data":"JVBERi0="})");
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini}) {
    CAPTURE(to_string(to));
    CHECK(losses(Protocol::messages, file, to) ==
          "content.context dropped 1; content.citations dropped 1");
  }
  CHECK(losses(Protocol::messages, file, Protocol::messages) == "");
  const std::string own = sent(Protocol::messages, file, Protocol::messages);
  CHECK(own.find(R"("context":"Read it so.","citations":{"enabled":true})") != std::string::npos);
}

TEST_CASE("citations of a whole answer are counted as those of a streamed one") {
  const auto events =
      codec(Protocol::messages)
          ->decode_answer(R"({"type":"message","role":"assistant","stop_reason":"end_turn",)"
                          R"("content":[{"type":"text","text":"x","citations":[{},{}]}]})",
                          {}, {"p", "m"});
  const auto* finished = std::get_if<ir::Finished>(&events.back());
  REQUIRE(finished != nullptr);
  CHECK(ir::summary(finished->losses) == "answer.citations dropped 2");
}

TEST_CASE("stop words that a protocol refuses stay behind and are counted") {
  const auto chat = [](std::string_view words) {
    return R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],"stop":)" +
           std::string(words) + "}";
  };
  const std::string blank = chat(R"(["\n\n","END"," \t","\nEND"])");
  CHECK(losses(Protocol::chat, blank, Protocol::messages) == "stop dropped 1");
  CHECK(
      sent(Protocol::chat, blank, Protocol::messages).find(R"("stop_sequences":["END","\nEND"])") !=
      std::string::npos);
  CHECK(losses(Protocol::chat, blank, Protocol::chat) == "");
  const std::string nothing = chat(R"(["\n"])");
  CHECK(losses(Protocol::chat, nothing, Protocol::messages) == "stop dropped 1");
  CHECK(sent(Protocol::chat, nothing, Protocol::messages).find("stop_sequences") ==
        std::string::npos);
  const std::string many = chat(R"(["a","b","c","d","e"])");
  CHECK(losses(Protocol::chat, many, Protocol::chat) == "stop dropped 1");
  CHECK(sent(Protocol::chat, many, Protocol::chat).find(R"("stop":["a","b","c","d"])") !=
        std::string::npos);
  CHECK(losses(Protocol::chat, many, Protocol::messages) == "");
}

TEST_CASE("a schema that is not closed goes to Chat and Responses without strictness") {
  const auto body = [](std::string_view required) {
    const std::string schema =
        R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},)"
        R"("additionalProperties":false,"required":)" +
        std::string(required) + "}";
    return R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],)"
           R"("output_config":{"format":{"type":"json_schema","schema":)" +
           schema + R"(}},"tools":[{"name":"f","strict":true,"input_schema":)" + schema + "}]}";
  };
  const std::string closed = body(R"(["a","b"])");
  const std::string open = body(R"(["a"])");
  for (const Protocol to : {Protocol::chat, Protocol::responses}) {
    CAPTURE(to_string(to));
    CHECK(losses(Protocol::messages, closed, to) == "");
    CHECK(sent(Protocol::messages, closed, to).find(R"("strict":false)") == std::string::npos);
    CHECK(losses(Protocol::messages, open, to) ==
          "tools.strict dropped 1; text.format approximated 1");
    const std::string wire = sent(Protocol::messages, open, to);
    CHECK(wire.find(R"("strict":true)") == std::string::npos);
    CHECK(wire.find(R"("strict":false)") != std::string::npos);
  }
  CHECK(losses(Protocol::messages, open, Protocol::messages) == "");
}

TEST_CASE("a refused part is told by its kind") {
  const auto body = [](std::string_view part) {
    return R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":[)" +
           std::string(part) + "]}]}";
  };
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini}) {
    CHECK(losses(Protocol::messages, body(R"({"type":"hologram"})"), to) ==
          "content.hologram refused 1");
    CHECK(losses(Protocol::messages,
                 body(R"({"type":"image","source":{"type":"file","file_id":"file_1"}})"),
                 to) == "files.id refused 1");
  }
  CHECK(losses(Protocol::chat, body(R"({"type":"video_url","video_url":{"url":"x"}})"),
               Protocol::messages) == "content.video_url refused 1");
}

TEST_CASE("a tool that a search found is said in words where only one protocol refers to it") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)"
      R"({"type":"tool_reference","tool_name":"zed"}]}]}],)"
      R"("tools":[{"name":"f","input_schema":{"type":"object"}}]})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini}) {
    CHECK(losses(Protocol::messages, body, to) == "content.tool_reference approximated 1");
    CHECK(sent(Protocol::messages, body, to).find("Tool zed is available.") != std::string::npos);
  }
  CHECK(losses(Protocol::messages, body, Protocol::messages) == "");
  const auto own = sent(Protocol::messages, body, Protocol::messages);
  CHECK(own.find(R"([{"type":"tool_reference","tool_name":"zed"}])") != std::string::npos);
}

TEST_CASE("a map of any names goes to Messages in words, and to a tool that is not strict") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)"
      R"({"type":"object","additionalProperties":{"type":"string"}}}},"tools":[{"type":"function",)"
      R"("function":{"name":"f","strict":true,"parameters":{"type":"object","properties":)"
      R"({"map":{"type":"object"}}}}}]})";
  CHECK(losses(Protocol::chat, body, Protocol::messages) ==
        "text.format approximated 1; tools.strict dropped 1");
  const std::string wire = sent(Protocol::chat, body, Protocol::messages);
  CHECK(wire.find("output_config") == std::string::npos);
  CHECK(wire.find("It must match this JSON schema") != std::string::npos);
  CHECK(wire.find(R"("input_schema":{"type":"object","properties":{"map":{"type":"object"}}})") !=
        std::string::npos);
}

TEST_CASE(
    "words of the assistant at the end of Messages are to be gone on from, which others do not") {
  constexpr std::string_view body =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":"{\"a\":"}]})";
  for (const Protocol to : {Protocol::responses, Protocol::chat, Protocol::gemini})
    CHECK(losses(Protocol::messages, body, to) == "messages.prefill approximated 1");
}
