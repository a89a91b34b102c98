#include "core/protocol/chat/watcher.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::protocol;

namespace {

Glance see(std::string_view data) {
  chat::ChatWatcher watcher;
  return watcher.see({{}, data});
}

}  // namespace

TEST_CASE("a relayed chunk commits when it carries text, reasoning or a call") {
  CHECK(see(R"({"choices":[{"delta":{"content":"x"}}]})").content);
  CHECK(see(R"({"choices": [{"delta": {"content" : "x"}}]})").content);
  CHECK(see(R"({"choices":[{"delta":{"content":null,"reasoning_content":"x"}}]})").content);
  CHECK(see(R"({"choices":[{"delta":{"reasoning":"x"}}]})").content);
  CHECK(see(R"({"choices":[{"delta":{"tool_calls":[{"index":0}]}}]})").content);
  CHECK(see(R"({"choices":[{"delta":{"function_call":{"name":"f"}}}]})").content);
  CHECK_FALSE(see(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})").content);
  CHECK_FALSE(see(R"({"choices":[{"delta":{"content":null,"tool_calls":[]}}]})").content);
  CHECK_FALSE(see("").content);
  CHECK_FALSE(see({}).content);
  CHECK_FALSE(see("\"").content);
}

TEST_CASE("usage and errors are read, and words in a text are not taken for them") {
  const Glance usage = see(R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})");
  REQUIRE(usage.usage.has_value());
  CHECK(usage.usage->input == 5);
  CHECK_FALSE(usage.terminal);
  CHECK_FALSE(see(R"({"choices":[{"delta":{"content":"x"}}],"usage":null})").usage.has_value());
  const Glance error = see(R"({"error":{"message":"m","code":429}})");
  REQUIRE(error.failure.has_value());
  CHECK(error.terminal);
  const Glance text = see(R"({"choices":[{"delta":{"content":"say \"error\":{\"usage\":1}"}}]})");
  CHECK(text.content);
  CHECK_FALSE(text.failure.has_value());
}

TEST_CASE("[DONE] ends a chat answer that gave a reason, and is what may be missing of one") {
  chat::ChatWatcher watcher;
  CHECK_FALSE(watcher.see({{}, R"({"choices":[{"delta":{},"finish_reason":null}]})"}).terminal);
  CHECK_FALSE(watcher.missing_end().has_value());
  const Glance early = watcher.see({{}, "[DONE]"});
  REQUIRE(early.failure.has_value());
  CHECK(early.failure->kind == ir::Failure::Kind::cut);
  CHECK(early.unheard);
  CHECK_FALSE(watcher.see({{}, R"({"choices":[{"delta":{},"finish_reason":"stop"}]})"}).terminal);
  CHECK(watcher.missing_end() == "data: [DONE]\n\n");
  const Glance end = watcher.see({{}, "[DONE]"});
  CHECK(end.terminal);
  CHECK_FALSE(end.failure.has_value());
}

TEST_CASE("a whole relayed chat answer tells its usage or its failure") {
  const Glance whole = chat::glance_answer(
      R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  CHECK(whole.content);
  CHECK(whole.usage->output == 2);
  CHECK(chat::glance_answer(R"({"error":"m"})").failure.has_value());
}
