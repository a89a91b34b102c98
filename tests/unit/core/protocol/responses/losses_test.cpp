// What of a Responses provider's answer has no event is counted, streamed or whole.
#include <doctest/doctest.h>

#include "core/protocol/registry.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

std::vector<ir::Loss> losses_of(const std::vector<ir::Event>& events) {
  REQUIRE_FALSE(events.empty());
  const auto* finished = std::get_if<ir::Finished>(&events.back());
  REQUIRE(finished != nullptr);
  return finished->losses;
}

const std::string search = R"({"id":"ws_1","type":"web_search_call","status":"completed"})";
const std::string cited =
    R"({"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"x",)"
    R"("annotations":[{"type":"url_citation"}]}]})";

}  // namespace

TEST_CASE("items of a whole answer that have no event are counted by kind") {
  const ir::ToolNames names;
  const auto events =
      codec(Protocol::responses)
          ->decode_answer(R"({"object":"response","status":"completed","output":[)" + search + "," +
                              cited + "," + R"({"type":"web_search_call","id":"ws_2"},)" +
                              R"({"type":"compaction","id":"c"}]})",
                          names, {"p", "m"});
  CHECK(ir::summary(losses_of(events)) ==
        "output.web_search_call dropped 2; output.text.annotations dropped 1; "
        "output.compaction dropped 1");
}

TEST_CASE("items of a stream are counted once, though its end repeats them") {
  const ir::ToolNames names;
  const auto decoder = codec(Protocol::responses)->decoder(names, {"p", "m"});
  std::vector<ir::Event> events;
  const auto feed = [&](const std::string& data) {
    SseEvent event;
    event.data = data;
    decoder->feed(event, events);
  };
  feed(R"({"type":"response.output_item.added","output_index":0,"item":)" + search + "}");
  feed(R"({"type":"response.output_item.done","output_index":0,"item":)" + search + "}");
  feed(R"({"type":"response.output_item.done","output_index":1,"item":)" + cited + "}");
  feed(R"({"type":"response.completed","response":{"output":[)" + search + "," + cited + "]}}");
  CHECK(ir::summary(losses_of(events)) ==
        "output.web_search_call dropped 1; output.text.annotations dropped 1");
}

TEST_CASE("a provider that invents kinds does not make the list long") {
  const ir::ToolNames names;
  std::string body = R"({"object":"response","status":"completed","output":[)";
  for (int i = 0; i < 1000; ++i)
    body += (i ? "," : "") + std::string(R"({"type":"kind_)") + std::to_string(i) + R"(","id":")" +
            std::to_string(i) + "\"}";
  const auto losses =
      losses_of(codec(Protocol::responses)->decode_answer(body + "]}", names, {"p", "m"}));
  CHECK(losses.size() <= 17);
  int all = 0;
  for (const auto& loss : losses) all += loss.count;
  CHECK(all == 1000);
}

TEST_CASE("a fold keeps what was lost") {
  ir::Fold fold;
  fold.add(ir::Finished{ir::Finish::stop, {}, {{"output.x"}}});
  const auto answer = fold.take();
  REQUIRE(answer.losses.size() == 1);
  CHECK(std::get<ir::Finished>(ir::unfold(answer).back()).losses == answer.losses);
}
