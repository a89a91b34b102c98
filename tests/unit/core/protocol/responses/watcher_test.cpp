#include "core/protocol/responses/watcher.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::protocol;

namespace {

Glance see(std::string_view data, std::string_view name = {}) {
  responses::ResponsesWatcher watcher;
  return watcher.see({name, data});
}

}  // namespace

TEST_CASE("a relayed event commits when it carries text, reasoning or a call") {
  CHECK(see(R"({"type":"response.output_text.delta","delta":"x"})").content);
  CHECK(see(R"({"type" : "response.reasoning_summary_text.delta","delta":"x"})").content);
  CHECK(see(R"({"delta":"x"})", "response.refusal.delta").content);
  CHECK(see(R"({"type":"response.function_call_arguments.delta"})").content);
  CHECK(see(R"({"type":"response.custom_tool_call_input.delta"})").content);
  CHECK(see(R"({"type":"response.output_item.done","item":{}})").content);
  CHECK(see(R"({"type":"response.output_item.added","item":{"type":"function_call"}})").content);
  CHECK_FALSE(see(R"({"type":"response.output_item.added","item":{"type":"message"}})").content);
  CHECK_FALSE(see(R"({"type":"response.created","response":{}})").content);
  CHECK_FALSE(see(R"({"type":"response.in_progress","response":{}})").content);
  CHECK_FALSE(see("not json").content);
}

TEST_CASE("the end of a relayed answer tells its usage or its failure") {
  const Glance done = see(
      R"({"type":"response.completed","response":{"usage":{"input_tokens":9,"input_tokens_details":)"
      R"({"cached_tokens":4},"output_tokens":3}}})");
  CHECK(done.terminal);
  REQUIRE(done.usage.has_value());
  CHECK(*done.usage == ir::Usage{5, 4, 0, 3, 0});
  const Glance failed =
      see(R"({"type":"response.failed","response":{"error":{"code":"server_error","message":"m"},)"
          R"("usage":{"input_tokens":7,"output_tokens":1}}})");
  CHECK(failed.terminal);
  // It was billed all the same.
  CHECK(failed.usage == ir::Usage{7, 0, 0, 1, 0});
  REQUIRE(failed.failure.has_value());
  CHECK(failed.failure->message == "m");
  CHECK(see(R"({"type":"error","message":"m"})").failure.has_value());
  CHECK(see(R"({"error":{"message":"m"}})").failure.has_value());
  CHECK(see(R"({"type":"response.incomplete","response":{}})").terminal);
}

TEST_CASE("a whole relayed answer tells its usage or its failure") {
  CHECK(responses::glance_answer(R"({"output":[{}],"usage":{"input_tokens":1,"output_tokens":2}})")
            .usage->output == 2);
  CHECK(responses::glance_answer(R"({"error":{"message":"m"}})").failure.has_value());
  const auto billed = responses::glance_answer(
      R"({"error":{"message":"m"},"usage":{"input_tokens":7,"output_tokens":2}})");
  CHECK(billed.failure.has_value());
  REQUIRE(billed.usage.has_value());
  CHECK(billed.usage->input == 7);
  CHECK_FALSE(responses::glance_answer("<html>").usage.has_value());
}
