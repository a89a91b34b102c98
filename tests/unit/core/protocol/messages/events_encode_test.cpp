#include "core/protocol/messages/events_encode.hpp"

#include <doctest/doctest.h>

#include "core/json/value.hpp"
#include "core/protocol/messages/codec.hpp"

using namespace tpool;
using namespace tpool::protocol;
using namespace tpool::protocol::messages;

namespace {

std::string stream_of(const std::vector<ir::Event>& events, ReplyContext context = {}) {
  std::string out;
  Encoder encoder(std::move(context));
  for (const ir::Event& event : events) encoder.write(event, out);
  return out;
}

std::vector<std::string> types_of(const std::string& stream) {
  std::vector<std::string> types;
  SseReader reader;
  SseEvent event;
  reader.feed(stream);
  while (reader.next(event)) {
    const auto parsed = json::Document::parse(event.data);
    REQUIRE(parsed.has_value());
    CHECK(parsed->root()["type"].string_or("") == event.name);
    types.emplace_back(event.name);
  }
  return types;
}

ir::BlockStart call(int index, std::string id) {
  ir::BlockStart start;
  start.index = index;
  start.kind = ir::BlockKind::tool_call;
  start.call_id = std::move(id);
  start.name = "look";
  return start;
}

}  // namespace

TEST_CASE("blocks that arrive interleaved are told one after the other") {
  const std::string stream =
      stream_of({ir::Started{"msg_1", "m"}, call(0, "a"), call(1, "b"), ir::Delta{1, "{\"x\""},
                 ir::Delta{0, "{\"y\""}, ir::Delta{1, ":1}"}, ir::BlockEnd{1}, ir::Delta{0, ":2}"},
                 ir::BlockEnd{0}, ir::Finished{ir::Finish::tool_calls, {}}});
  CHECK(types_of(stream) == std::vector<std::string>{"message_start", "content_block_start",
                                                     "content_block_delta", "content_block_delta",
                                                     "content_block_stop", "content_block_start",
                                                     "content_block_delta", "content_block_stop",
                                                     "message_delta", "message_stop"});
  const Target target{"p", "m"};
  const ir::ToolNames names;
  const auto decoder = codec().decoder(names, target);
  ir::Fold fold;
  SseReader reader;
  SseEvent event;
  std::vector<ir::Event> events;
  reader.feed(stream);
  while (reader.next(event)) decoder->feed(event, events);
  for (const ir::Event& one : events) fold.add(one);
  const ir::Answer answer = fold.take();
  REQUIRE(answer.items.size() == 2);
  CHECK(std::get<ir::ToolCall>(answer.items[0].value).input == R"({"y":2})");
  CHECK(std::get<ir::ToolCall>(answer.items[1].value).input == R"({"x":1})");
  CHECK(answer.finish == ir::Finish::tool_calls);
}

TEST_CASE("a heartbeat means nothing, before and inside an answer") {
  std::string out;
  Encoder encoder({});
  encoder.heartbeat(out);
  encoder.write(ir::Started{"msg_1", "m"}, out);
  encoder.heartbeat(out);
  CHECK(types_of(out) == std::vector<std::string>{"ping", "message_start", "ping"});
}

TEST_CASE("after relayed events nothing is opened again and a failure is an event") {
  ReplyContext context;
  context.begun = true;
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::overloaded;
  const std::string out = stream_of({ir::Failed{failure}, ir::Failed{failure}}, context);
  CHECK(types_of(out) == std::vector<std::string>{"error"});
  CHECK(out.find("overloaded_error") != std::string::npos);
}

TEST_CASE(
    "opaque data of others is a token, as is that there is none; our protocol's is labelled") {
  ReplyContext context;
  context.provider = "p";
  context.upstream_model = "m";
  context.seal_key = "key";
  CHECK(held_of({}, context).text.starts_with("tp2.cA.bQ."));
  CHECK(held_of(ir::Opaque{"", "", "encrypted_content", "gA"}, context).text.starts_with("tp2."));
  const ir::Opaque own{"", "", std::string(sealed_kind), seal_thought({"t", "SIG", {}})};
  CHECK(held_of(own, context).text == "tp1.cA.bQ.SIG");
  const ir::Opaque hidden{"", "", std::string(sealed_kind), seal_thought({{}, {}, "DATA"})};
  CHECK(held_of(hidden, context).redacted);
  context.seal_key.clear();
  CHECK(held_of({}, context).text == "");
  CHECK(held_of(ir::Opaque{"", "", "encrypted_content", "gA"}, context).text == "");
}
