// What a response object repeats of its request.
#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

std::string answered(const std::string& body) {
  const auto scan = json::scan(body);
  REQUIRE(scan.has_value());
  ReplyContext context;
  context.model = "a/b";
  context.request = &*scan;
  context.request_body = body;
  return codec(Protocol::responses)->encode_answer({}, context);
}

std::string setting(const std::string& answer, std::string_view name) {
  const auto document = json::Document::parse(answer, "answer");
  REQUIRE(document.has_value());
  return std::string(document->root()[name].text());
}

}  // namespace

TEST_CASE("a response repeats what its request set") {
  const auto answer = answered(
      R"({"model":"a/b","input":"x","instructions":"Be\nbrief","temperature":0.2,"top_p":0.5,)"
      R"("tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f"},)"
      R"("parallel_tool_calls":false,"metadata":{"k":"v"},"reasoning":{"effort":"high"},)"
      R"("text":{"verbosity":"low"},"max_output_tokens":9,"prompt_cache_key":"s"})");
  CHECK(setting(answer, "instructions") == R"("Be\nbrief")");
  CHECK(setting(answer, "temperature") == "0.2");
  CHECK(setting(answer, "tools") == R"([{"type":"function","name":"f"}])");
  CHECK(setting(answer, "tool_choice") == R"({"type":"function","name":"f"})");
  CHECK(setting(answer, "parallel_tool_calls") == "false");
  CHECK(setting(answer, "metadata") == R"({"k":"v"})");
  CHECK(setting(answer, "reasoning") == R"({"effort":"high"})");
  CHECK(setting(answer, "text") == R"({"verbosity":"low"})");
  CHECK(setting(answer, "max_output_tokens") == "9");
  CHECK(setting(answer, "prompt_cache_key") == R"("s")");
  CHECK(setting(answer, "truncation") == R"("disabled")");
}

TEST_CASE("what was not set, is null or has another type than the protocol's is the default") {
  const auto answer = answered(
      R"({"model":"a/b","temperature":"hot","tools":null,"tool_choice":7,"metadata":[],"store":true,)"
      R"("background":true,"service_tier":"priority","instructions":null,"parallel_tool_calls":"no"})");
  for (const auto& [name, value] : {std::pair{"temperature", "1"},
                                    {"tools", "[]"},
                                    {"tool_choice", R"("auto")"},
                                    {"metadata", "{}"},
                                    {"store", "false"},
                                    {"background", "false"},
                                    {"service_tier", R"("default")"},
                                    {"instructions", "null"},
                                    {"parallel_tool_calls", "true"},
                                    {"text", R"({"format":{"type":"text"}})"}})
    CHECK_MESSAGE(setting(answer, name) == value, name);
}

TEST_CASE("the last of duplicates counts, and no line break of the client's ends an event") {
  const std::string body =
      "{\"model\":\"a/b\",\"temperature\":0.1,\"metadata\":{\r\n \"a\":\n\"b\"},"
      "\"temperature\":0.9}";
  const auto scan = json::scan(body);
  REQUIRE(scan.has_value());
  ReplyContext context;
  context.request = &*scan;
  context.request_body = body;
  const auto encoder = codec(Protocol::responses)->encoder(context);
  std::string out;
  encoder->write(ir::Started{"resp_1", "m"}, out);
  encoder->write(ir::Finished{}, out);
  SseReader reader;
  SseEvent event;
  reader.feed(out);
  int events = 0;
  while (reader.next(event)) {
    ++events;
    const auto document = json::Document::parse(event.data, "event");
    REQUIRE(document.has_value());
    const auto response = document->root()["response"];
    CHECK(response["temperature"].number() == 0.9);
    CHECK(response["metadata"]["a"].string() == "b");
  }
  CHECK(events == 3);
}
