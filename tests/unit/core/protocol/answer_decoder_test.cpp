#include "core/protocol/answer_decoder.hpp"

#include <doctest/doctest.h>

#include "core/protocol/registry.hpp"

using namespace tpool;

TEST_CASE("an answer that is started behind its first block is not started any more") {
  const auto started = [](Protocol protocol, std::initializer_list<std::string_view> wire) {
    const ir::ToolNames names;
    const auto decoder = protocol::provider_codec(protocol)->decoder(names, {"alpha", "model"});
    std::vector<ir::Event> events;
    for (const auto data : wire) decoder->feed({{}, data}, events);
    REQUIRE(events.size() > 0);
    CHECK(std::holds_alternative<ir::BlockStart>(events.front()));
    for (const auto& event : events) CHECK_FALSE(std::holds_alternative<ir::Started>(event));
  };
  started(Protocol::responses,
          {R"({"type":"response.output_text.delta","output_index":0,"delta":"a"})",
           R"({"type":"response.created","response":{"id":"late"}})"});
  started(Protocol::messages,
          {R"({"type":"content_block_start","index":0,"content_block":{"type":"text"}})",
           R"({"type":"message_start","message":{"id":"late"}})"});
}
