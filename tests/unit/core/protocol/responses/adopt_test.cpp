// A provider's own stream behind heartbeats that opened the client's.
#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/registry.hpp"
#include "strict_stream.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

std::unique_ptr<EventEncoder> opened(std::string& out) {
  ReplyContext context;
  context.model = "a/b";
  context.answer_id = "req_1";
  auto encoder = codec(Protocol::responses)->encoder(context);
  CHECK_FALSE(encoder->opened());
  encoder->heartbeat(out);
  CHECK(encoder->opened());
  return encoder;
}

std::string adopted(EventEncoder& encoder, std::string_view name, std::string_view data) {
  std::string out;
  SseEvent event;
  event.name = name;
  event.data = data;
  encoder.adopt(event, out);
  return out;
}

constexpr std::string_view item =
    R"({"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"x","annotations":[],"logprobs":[]}]}})";

}  // namespace

TEST_CASE("an answer that heartbeats opened is created once, under one id, numbered throughout") {
  std::string out;
  const auto encoder = opened(out);
  encoder->heartbeat(out);
  out += adopted(*encoder, "response.created",
                 R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_p"}})");
  out +=
      adopted(*encoder, "",
              R"({"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_p"}})");
  out += adopted(*encoder, "response.output_item.done", item);
  encoder->heartbeat(out);
  out += adopted(
      *encoder, "response.completed",
      "{\"type\":\"response.completed\",\n\"sequence_number\":8,\"response\":{\"usage\":null,"
      "\"id\":\"resp_p\",\"status\":\"completed\",\"output\":[{\"id\":\"msg_1\"}]}}");
  out += adopted(*encoder, "", "[DONE]");
  CHECK(out.find("resp_p") == std::string::npos);
  CHECK(out.find("\"id\":\"msg_1\"") != std::string::npos);
  SseReader reader;
  SseEvent event;
  reader.feed(out);
  std::int64_t next = 0;
  std::vector<std::string> types;
  while (reader.next(event)) {
    const auto document = json::Document::parse(event.data, "event");
    REQUIRE(document.has_value());
    CHECK(document->root()["sequence_number"].integer() == next++);
    types.emplace_back(document->root()["type"].string_or(""));
  }
  CHECK(types == std::vector<std::string>{"response.created", "response.in_progress", "keepalive",
                                          "response.output_item.done", "keepalive",
                                          "response.completed"});
  const std::string ended = out;
  encoder->heartbeat(out);
  CHECK(out == ended);
}

TEST_CASE("an answer its provider stores ends under the id it is stored by") {
  std::string out;
  const auto encoder = opened(out);
  const auto end = adopted(
      *encoder, "response.completed",
      R"({"type":"response.completed","response":{"id":"resp_p","store":true,"status":"completed"}})");
  CHECK(end.find("resp_p") != std::string::npos);
}

TEST_CASE("an adopted answer that breaks is Codex's to repeat, under the id it began with") {
  std::string out;
  const auto encoder = opened(out);
  out += adopted(*encoder, "response.output_item.done", item);
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::cut;
  failure.message = "gone";
  std::string end;
  encoder->write(ir::Failed{failure}, end);
  CHECK(end.find("server_error") != std::string::npos);
  CHECK(end.find("\"id\":\"req_1\"") != std::string::npos);
}

TEST_CASE("in a stream that passes as it came, ours follow the provider's id and number") {
  ReplyContext context;
  context.answer_id = "resp_p";
  context.begun = true;
  context.sequence = 41;
  const auto encoder = codec(Protocol::responses)->encoder(context);
  CHECK_FALSE(encoder->opened());
  std::string out;
  encoder->heartbeat(out);
  CHECK(out == "event: keepalive\ndata: {\"type\":\"keepalive\"}\n\n");
  out.clear();
  encoder->write(ir::Failed{}, out);
  CHECK(out.find("\"sequence_number\":41") != std::string::npos);
  CHECK(out.find("\"id\":\"resp_p\"") != std::string::npos);
}

TEST_CASE("events that are no objects are not adopted") {
  std::string out;
  const auto encoder = opened(out);
  CHECK(adopted(*encoder, "x", "{\"broken\": ").empty());
  CHECK(adopted(*encoder, "x", "[1]").empty());
  CHECK(adopted(*encoder, "response.completed",
                R"({"type":"response.completed","response":null,"sequence_number":"x"})")
            .find("\"response\":null") != std::string::npos);
}
