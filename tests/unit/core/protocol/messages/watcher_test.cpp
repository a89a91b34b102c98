#include "core/protocol/messages/watcher.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::protocol;
using namespace tpool::protocol::messages;

namespace {

Glance see(MessagesWatcher& watcher, std::string_view data, std::string_view name = {}) {
  SseEvent event;
  event.name = name;
  event.data = data;
  return watcher.see(event);
}

}  // namespace

TEST_CASE("what commits, ends and costs a relayed Messages stream") {
  MessagesWatcher watcher;
  const Glance start = see(
      watcher,
      R"({"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}}})");
  CHECK_FALSE(start.content);
  REQUIRE(start.usage.has_value());
  CHECK(start.usage->input == 5);
  CHECK_FALSE(see(watcher, R"({"type":"ping"})").content);
  CHECK_FALSE(
      see(watcher, R"({"type":"content_block_start","content_block":{"type":"text"}})").content);
  CHECK(see(watcher, R"({"type":"content_block_start","content_block":{"type":"tool_use"}})")
            .content);
  CHECK(see(watcher, R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}})")
            .content);
  CHECK(see(watcher, R"({"index":0,"type":"content_block_delta","delta":{}})").content);
  CHECK(see(watcher, R"({"delta":{}})", "content_block_delta").content);
  CHECK_FALSE(
      see(watcher, R"({"type":"content_block_delta","delta":{"type":"signature_delta"}})").content);
  CHECK_FALSE(watcher.missing_end().has_value());
  const Glance end = see(
      watcher,
      R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})");
  REQUIRE(end.usage.has_value());
  CHECK(end.usage->output == 9);
  CHECK(end.usage->cache_read == 7);
  CHECK_FALSE(end.terminal);
  CHECK(watcher.missing_end()->starts_with("event: message_stop\n"));
  const Glance stop = see(watcher, R"({"type":"message_stop"})");
  CHECK(stop.terminal);
  CHECK_FALSE(stop.failure.has_value());
  const Glance failed = see(
      watcher, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  REQUIRE(failed.failure.has_value());
  CHECK(failed.failure->kind == ir::Failure::Kind::overloaded);
  CHECK(failed.terminal);
  CHECK_FALSE(see(watcher, "not json").terminal);
}

TEST_CASE("a relayed Messages answer without a reason to stop has not come to its end") {
  MessagesWatcher watcher;
  const Glance stop = see(watcher, R"({"type":"message_stop"})", "message_stop");
  REQUIRE(stop.failure.has_value());
  CHECK(stop.failure->kind == ir::Failure::Kind::cut);
  CHECK(stop.unheard);
}

TEST_CASE("an event of Messages without a name is given the one its clients look for") {
  MessagesWatcher watcher;
  const auto name_of = [&](std::string_view data) { return see(watcher, data).name; };
  CHECK(name_of(R"({"type":"ping"})") == "ping");
  CHECK(name_of(R"({"type":"content_block_delta","delta":{}})") == "content_block_delta");
  CHECK(name_of(R"({"message":{},"type":"message_start"})") == "message_start");
  CHECK(name_of(R"({"error":{"message":"m"}})") == "error");
  CHECK(see(watcher, R"({"type":"ping"})", "ping").name.empty());
}

TEST_CASE("a whole relayed Messages answer") {
  const Glance good = glance_answer(
      R"({"type":"message","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1,"output_tokens":2}})");
  CHECK(good.content);
  CHECK(good.usage->output == 2);
  CHECK_FALSE(glance_answer(R"({"input_tokens":12})").failure.has_value());
  for (const char* bad :
       {"null", "<html>", "[]", "{}", R"({"type":"error","error":{"message":"x"}})"})
    CHECK(glance_answer(bad).failure.has_value());
}
