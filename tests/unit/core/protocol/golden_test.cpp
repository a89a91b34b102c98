// Walks tests/golden: requests, streams and whole answers of each protocol, translated to the
// others and compared with the files beside them. TPOOL_UPDATE_GOLDEN=1 rewrites those; the diff is
// the review.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "golden_case.hpp"
#include "responses/strict_stream.hpp"

using namespace tpool;
using namespace tpool::protocol;
using namespace tpool::protocol::golden;

namespace {

void compare(const fs::path& path, const std::string& got) {
  if (std::getenv("TPOOL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << got;
    return;
  }
  INFO("TPOOL_UPDATE_GOLDEN=1 writes what is now: ", path.string());
  REQUIRE(fs::exists(path));
  CHECK(got == read(path));
}

// Cases of one folder: every file of the ending that is no output and no companion.
std::vector<fs::path> cases(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> found;
  REQUIRE(fs::exists(folder));
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(ending) || name.find(".to-") != std::string::npos ||
        name.ends_with(".request.json")) {
      continue;
    }
    found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  CHECK(!found.empty());
  return found;
}

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

std::string with_comments(const std::string& text) {
  std::string out = ": hello\n\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    out += line + "\n";
    if (line.empty()) out += ": ping\n\n";
  }
  return out;
}

ir::Fold folded(const std::vector<ir::Event>& events) {
  ir::Fold fold;
  for (const ir::Event& event : events) fold.add(event);
  return fold;
}

void check_grammar(const std::vector<ir::Event>& events) {
  std::vector<int> open;
  std::vector<int> seen;
  bool ended = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK_FALSE(ended);
    const ir::Event& event = events[i];
    const auto is_open = [&](int index) {
      return std::find(open.begin(), open.end(), index) != open.end();
    };
    if (std::holds_alternative<ir::Started>(event)) CHECK(i == 0);
    if (const auto* start = std::get_if<ir::BlockStart>(&event)) {
      CHECK(std::find(seen.begin(), seen.end(), start->index) == seen.end());
      seen.push_back(start->index);
      open.push_back(start->index);
    }
    if (const auto* delta = std::get_if<ir::Delta>(&event)) CHECK(is_open(delta->index));
    if (const auto* delta = std::get_if<ir::SummaryDelta>(&event)) CHECK(is_open(delta->index));
    if (const auto* sealed = std::get_if<ir::Sealed>(&event)) CHECK(is_open(sealed->index));
    if (const auto* end = std::get_if<ir::BlockEnd>(&event)) {
      CHECK(is_open(end->index));
      std::erase(open, end->index);
    }
    if (std::holds_alternative<ir::Finished>(event)) CHECK(open.empty());
    ended =
        std::holds_alternative<ir::Finished>(event) || std::holds_alternative<ir::Failed>(event);
  }
  CHECK(ended);
}

// Arguments are an object in a whole Messages answer: layout is not kept, and what was cut off in
// the middle stands in a member of its own.
std::string arguments_of(const ir::ToolCall& call) {
  if (const auto document = json::Document::parse(call.input)) return document->root().text();
  std::string out;
  json::Writer(out).begin_object().member("input", call.input).end_object();
  return out;
}

// What an answer says, whatever the order of its parts: a Chat message has its text, its reasoning
// and its calls side by side.
std::string canonical(const ir::Answer& answer) {
  std::string text, refusal, reasoning, calls;
  for (const ir::Item& item : answer.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value))
      for (const ir::Part& part : message->parts) {
        if (const auto* said = std::get_if<ir::Text>(&part.value)) text += said->text;
        if (const auto* no = std::get_if<ir::Refusal>(&part.value)) refusal += no->text;
      }
    if (const auto* thought = std::get_if<ir::Reasoning>(&item.value)) {
      for (const std::string& summary : thought->summary) reasoning += summary;
      reasoning += thought->text + (thought->opaque ? " sealed: " + thought->opaque->data : "");
    }
    if (const auto* call = std::get_if<ir::ToolCall>(&item.value))
      calls +=
          call->call_id + " " + call->space + " " + call->name + " " + arguments_of(*call) + "\n";
  }
  const ir::Usage usage = answer.usage.value_or(ir::Usage{-1});
  return "text: " + text + "\nrefusal: " + refusal + "\nreasoning: " + reasoning +
         "\ncalls: " + calls + "finish: " + std::to_string(static_cast<int>(answer.finish)) + " " +
         answer.stop_sequence + "\nusage: " + std::to_string(usage.input) + " " +
         std::to_string(usage.cache_read) + " " + std::to_string(usage.cache_write) + " " +
         std::to_string(usage.output) + " " + std::to_string(usage.reasoning);
}

void check_output(const fs::path& path, Protocol to, const std::vector<ir::Event>& events) {
  const std::string out = encode(*codec(to), events);
  if (to == Protocol::responses) {
    for (const std::string& rule : responses::broken_rules(out))
      FAIL_CHECK(path.string(), ": ", rule);
  }
  compare(beside(path, ".to-" + std::string(to_string(to)) + ".sse"), out);

  // The whole answer and its stream say the same.
  ir::Fold fold = folded(events);
  if (!fold.finished()) return;
  const ir::Answer answer = fold.take();
  const Target target{"deepseek", "deepseek-chat"};
  ir::Fold from_whole =
      folded(codec(to)->decode_answer(codec(to)->encode_answer(answer, context_for()), {}, target));
  ir::Fold from_stream = folded(decode(*codec(to), out, out.size(), {}, target));
  CHECK(from_whole.finished() == from_stream.finished());
  if (!from_whole.finished()) return;
  const ir::Answer whole = from_whole.take();
  const ir::Answer streamed = from_stream.take();
  CAPTURE(to_string(to));
  if (to == Protocol::responses) CHECK(whole == streamed);
  CHECK(canonical(whole) == canonical(streamed));
}

}  // namespace

TEST_CASE("golden requests are encoded for each protocol as written") {
  for (const Protocol from : clients) {
    const fs::path folder = fs::path(TPOOL_TESTS_DIR) / "golden/request" / to_string(from);
    for (const fs::path& path : cases(folder, ".json")) {
      CAPTURE(path.string());
      const auto request = codec(from)->decode_request(read(path));
      REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
      for (const Protocol to : providers) {
        const Encoded encoded = provider_codec(to)->encode_request(*request, target_of(path));
        CHECK(json::Document::parse(encoded.body).has_value());
        std::string out;
        json::Writer writer(out);
        writer.begin_object().member("losses", ir::summary(encoded.losses));
        writer.key("body").raw(encoded.body).end_object();
        compare(beside(path, ".to-" + std::string(to_string(to)) + ".json"),
                json::indented(out) + "\n");
      }
    }
  }
}

TEST_CASE("golden streams are translated as written, however their bytes arrive") {
  for (const Protocol from : providers) {
    const fs::path folder = fs::path(TPOOL_TESTS_DIR) / "golden/stream" / to_string(from);
    for (const fs::path& path : cases(folder, ".sse")) {
      CAPTURE(path.string());
      const std::string bytes = read(path);
      const Target target = target_of(path);
      const ir::ToolNames names = names_of(path, from, target);
      const auto events = decode(*provider_codec(from), bytes, bytes.size() + 1, names, target);
      check_grammar(events);
      CHECK(decode(*provider_codec(from), bytes, 1, names, target) == events);
      CHECK(decode(*provider_codec(from), with_crlf(bytes), 3, names, target) == events);
      CHECK(decode(*provider_codec(from), with_comments(bytes), 7, names, target) == events);
      for (const Protocol to : clients) check_output(path, to, events);
    }
  }
}

TEST_CASE("golden whole answers are translated as written") {
  for (const Protocol from : providers) {
    const fs::path folder = fs::path(TPOOL_TESTS_DIR) / "golden/answer" / to_string(from);
    for (const fs::path& path : cases(folder, ".json")) {
      CAPTURE(path.string());
      const auto events = provider_codec(from)->decode_answer(read(path), {}, target_of(path));
      check_grammar(events);
      ir::Fold fold = folded(events);
      const auto failure = fold.failure();
      const ir::Answer answer = fold.take();
      for (const Protocol to : clients) {
        std::string out;
        if (failure) {
          const ErrorReply reply = codec(to)->encode_error(*failure, {});
          json::Writer writer(out);
          writer.begin_object().member("status", reply.status);
          writer.member("kind", to_string(failure->kind)).key("body").raw(reply.body).end_object();
        } else {
          out = codec(to)->encode_answer(answer, context_for());
        }
        CHECK(json::Document::parse(out).has_value());
        compare(beside(path, ".to-" + std::string(to_string(to)) + ".json"),
                json::indented(out) + "\n");
      }
    }
  }
}
