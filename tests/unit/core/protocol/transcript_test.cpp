#include "core/protocol/transcript.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/ir/summary.hpp"
#include "core/protocol/responses/compaction.hpp"
#include "core/protocol/responses/request.hpp"

namespace tpool::protocol {
namespace {

constexpr std::string_view stream =
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n"
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"response.completed\"}\n\n"
    "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"a\",\"n\":1.0}}\n\n"
    "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"b\"}}\n\n";

}  // namespace

TEST_CASE("a stream of items without end is not kept") {
  Transcript transcript;
  const std::string item = "data: {\"type\":\"response.output_item.done\",\"item\":{\"text\":\"" +
                           std::string(std::size_t{1} << 20, 'x') + "\"}}\n\n";
  std::size_t most = 0;
  for (int i = 0; i < 64; ++i) {
    transcript.stream(item);
    most = std::max(most, transcript.items().size());
  }
  CHECK(most <= std::size_t{32} << 20);
  transcript.stream(
      "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"output\":[]}}\n\n");
  CHECK_FALSE(transcript.complete());
}

TEST_CASE("a transcript holds the items of a stream, fed byte by byte") {
  Transcript transcript;
  const auto all = std::string(stream) +
                   "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\","
                   "\"output\":[]}}\n\n";
  for (const char& byte : all) transcript.stream({&byte, 1});
  CHECK(transcript.complete());
  CHECK(transcript.id() == "resp_1");
  CHECK(transcript.items() == R"({"type":"a","n":1.0},{"type":"b"})");
}

TEST_CASE("the last event's own list counts, and a failure completes nothing") {
  Transcript listed;
  listed.stream(stream);
  listed.stream(
      "data: {\"type\":\"response.incomplete\",\"response\":{\"id\":\"resp_2\",\"output\":[ "
      "{\"type\":\"c\"} ]}}\n\n");
  CHECK(listed.complete());
  CHECK(listed.items() == R"({"type":"c"})");
  Transcript failed;
  failed.stream(stream);
  failed.stream("data: {\"type\":\"response.failed\",\"response\":{\"id\":\"resp_3\"}}\n\n");
  CHECK_FALSE(failed.complete());
  Transcript whole;
  whole.whole(R"({"id":"resp_4","output":[{"type":"m"}],"error":null})");
  CHECK(whole.complete());
  CHECK(whole.items() == R"({"type":"m"})");
  Transcript page;
  page.whole("<html>");
  CHECK_FALSE(page.complete());
}

TEST_CASE("a request's input as items, whatever form it has") {
  CHECK(items_of_input(R"( [ {"a":1} , {"b":[2]} ] )") == R"({"a":1} , {"b":[2]})");
  CHECK(items_of_input("[]").empty());
  CHECK(items_of_input("[ ]").empty());
  CHECK(items_of_input(R"("say \"hi\"")") ==
        R"({"type":"message","role":"user","content":"say \"hi\""})");
  CHECK(items_of_input("7").empty());
}

TEST_CASE("a summary of ours comes back as a message, a damaged one as an error") {
  const auto item = responses::compaction_item("cmp_1", "A tree — \"oak\".");
  const auto body = R"({"model":"m","input":[)" + item + R"(,{"role":"user","content":"go"}]})";
  const auto request = responses::decode_request(body);
  REQUIRE(request.has_value());
  REQUIRE(request->items.size() == 2);
  CHECK(std::get<ir::Message>(request->items[0].value) == ir::told_as_summary("A tree — \"oak\"."));
  CHECK(responses::decode_request(
            R"({"model":"m","input":[{"type":"compaction","encrypted_content":"tpc1.~"}]})")
            .error()
            .message.find("damaged") != std::string::npos);
  CHECK(responses::decode_request(R"({"model":"m","input":[{"type":"compaction"}]})").has_error());
}

}  // namespace tpool::protocol
