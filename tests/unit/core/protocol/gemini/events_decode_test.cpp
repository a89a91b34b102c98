#include "core/protocol/gemini/events_decode.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "../responses/strict_stream.hpp"
#include "core/protocol/registry.hpp"

namespace fs = std::filesystem;
using namespace tpool;
using namespace tpool::protocol;

namespace {

std::vector<ir::Event> decoded(const std::string& wire) {
  const ir::ToolNames names;
  gemini::Decoder decoder(names, {"google", "gemini-3.1-pro"});
  std::vector<ir::Event> events;
  SseReader reader;
  SseEvent event;
  reader.feed(wire);
  while (reader.next(event)) decoder.feed(event, events);
  if (reader.end(event)) decoder.feed(event, events);
  decoder.end(events);
  return events;
}

int ends(const std::vector<ir::Event>& events) {
  int count = 0;
  for (const ir::Event& event : events) {
    count +=
        std::holds_alternative<ir::Finished>(event) || std::holds_alternative<ir::Failed>(event);
  }
  return count;
}

}  // namespace

TEST_CASE("a damaged Gemini stream ends once and never breaks a client's stream") {
  std::mt19937 dice(7);
  const auto roll = [&](std::size_t sides) { return static_cast<std::size_t>(dice()) % sides; };
  for (const auto& entry :
       fs::directory_iterator(fs::path(TPOOL_TESTS_DIR) / "golden/stream/gemini")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".sse") || name.find(".to-") != std::string::npos) continue;
    CAPTURE(name);
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    for (int round = 0; round < 40; ++round) {
      std::string wire = text.str();
      for (std::size_t i = roll(6); i > 0 && !wire.empty(); --i) {
        const std::size_t at = roll(wire.size());
        if (roll(2) == 0) {
          wire[at] = static_cast<char>(roll(256));
        } else {
          wire.erase(at, roll(30));
        }
      }
      const auto events = decoded(wire);
      CHECK(ends(events) == 1);
      std::string out;
      const auto encoder = codec(Protocol::responses)->encoder({});
      for (const ir::Event& event : events) encoder->write(event, out);
      for (const std::string& rule : responses::broken_rules(out)) FAIL_CHECK(rule);
    }
  }
}

TEST_CASE("an answer of endless parts is ended") {
  std::string calls = R"(data: {"candidates":[{"content":{"parts":[)";
  for (int i = 0; i < 50'000; ++i) {
    calls += (i > 0 ? "," : "") + std::string(R"({"functionCall":{"id":"x","name":"f"}})");
  }
  const auto events = decoded(calls + "]},\"finishReason\":\"STOP\"}]}\n\n");
  CHECK(ends(events) == 1);
  CHECK(std::holds_alternative<ir::Failed>(events.back()));
  CHECK(events.size() < 20'000);
}

TEST_CASE("numbers out of all bounds are no counts") {
  const auto events =
      decoded(R"(data: {"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],)"
              R"("usageMetadata":{"promptTokenCount":-5,"cachedContentTokenCount":99,)"
              R"("candidatesTokenCount":1e300,"thoughtsTokenCount":3.0,"totalTokenCount":"many"}})"
              "\n\n");
  const auto& finished = std::get<ir::Finished>(events.back());
  REQUIRE(finished.usage.has_value());
  CHECK(*finished.usage == ir::Usage{0, 0, 0, 3, 3});
}
