// Walks tests/golden: requests, streams and whole answers of each protocol, translated to the
// others and compared with the files beside them. TPOOL_UPDATE_GOLDEN=1 rewrites those; the diff is
// the review. A case's dialect is in CASE.quirks (name = value), the request its tools come from in
// CASE.request.json.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/registry.hpp"
#include "responses/strict_stream.hpp"

namespace fs = std::filesystem;
using namespace tpool;
using namespace tpool::protocol;

namespace {

const Protocol clients[] = {Protocol::responses, Protocol::chat, Protocol::messages};
const Protocol providers[] = {Protocol::responses, Protocol::chat, Protocol::messages,
                              Protocol::gemini};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

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

fs::path beside(const fs::path& path, const std::string& ending) {
  return path.parent_path() / (path.stem().string() + ending);
}

using Quirk = std::pair<std::string, std::string>;  // name and value

std::vector<Quirk> quirks_of(const fs::path& path) {
  std::vector<Quirk> quirks;
  std::istringstream lines(read(beside(path, ".quirks")));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    REQUIRE(equals != std::string::npos);
    quirks.emplace_back(line.substr(0, equals), line.substr(equals + 3));
  }
  return quirks;
}

// `without`: one of them that is left out.
Target target_of(const fs::path& path, const Quirk* without = nullptr) {
  Target target{"deepseek", "deepseek-chat"};
  for (const auto& quirk : quirks_of(path)) {
    if (without && quirk == *without) continue;
    const auto set = set_quirk(target.dialect, quirk.first, quirk.second);
    REQUIRE_MESSAGE(set.has_value(), quirk.first);
  }
  return target;
}

ReplyContext context_for() {
  ReplyContext context;
  context.model = "deepseek/deepseek-chat";
  context.answer_id = "resp_golden";
  context.created_at = 1'760'000'000;
  context.provider = "deepseek";
  context.upstream_model = "deepseek-chat";
  context.seal_key = "golden key";
  return context;
}

ir::ToolNames names_of(const fs::path& path, Protocol protocol, const Target& target) {
  const fs::path request = beside(path, ".request.json");
  if (!fs::exists(request)) return {};
  const auto decoded = codec(Protocol::responses)->decode_request(read(request));
  REQUIRE(decoded.has_value());
  return provider_codec(protocol)->encode_request(*decoded, target).names;
}

std::vector<ir::Event> decode(const ProviderCodec& codec, std::string_view bytes, std::size_t step,
                              const ir::ToolNames& names, const Target& target) {
  std::vector<ir::Event> events;
  const auto decoder = codec.decoder(names, target);
  SseReader reader;
  SseEvent event;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    while (reader.next(event)) decoder->feed(event, events);
  }
  if (reader.end(event)) decoder->feed(event, events);
  decoder->end(events);
  return events;
}

std::string encode(const Codec& codec, const std::vector<ir::Event>& events) {
  std::string out;
  const auto encoder = codec.encoder(context_for());
  for (const ir::Event& event : events) encoder->write(event, out);
  return out;
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

namespace {

// What a case says for every provider protocol, or what is heard from the case's own.
std::string told(const fs::path& path, const Quirk* without) {
  const Target target = target_of(path, without);
  const fs::path folder = path.parent_path();
  std::string out;
  const auto from = parse_protocol(folder.filename().string());
  REQUIRE(from);
  if (folder.parent_path().filename() == "request") {
    const auto request = codec(*from)->decode_request(read(path));
    REQUIRE(request.has_value());
    for (const Protocol to : providers) {
      const Encoded encoded = provider_codec(to)->encode_request(*request, target);
      out += encoded.body + "\n" + ir::summary(encoded.losses) + "\n";
    }
    return out;
  }
  const std::string bytes = read(path);
  const auto events = path.extension() == ".sse"
                          ? decode(*provider_codec(*from), bytes, bytes.size() + 1,
                                   names_of(path, *from, target), target)
                          : provider_codec(*from)->decode_answer(bytes, {}, target);
  return encode(*codec(Protocol::responses), events);
}

// The values a quirk may have, of those that are few; the hint of a wrong one names them.
std::vector<std::string> choices_of(const std::string& name) {
  Dialect dialect;
  const auto refused = set_quirk(dialect, name, "no such value!");
  REQUIRE(refused.has_error());
  std::string hint = refused.error().hint;
  if (hint == "use true or false") hint = "use one of true, false";
  constexpr std::string_view opening = "use one of ";
  if (!hint.starts_with(opening)) return {};
  std::vector<std::string> choices;
  for (std::size_t at = opening.size(); at < hint.size();) {
    const std::size_t end = std::min(hint.find(", ", at), hint.size());
    choices.push_back(hint.substr(at, end - at));
    at = end + 2;
  }
  return choices;
}

}  // namespace

TEST_CASE("every quirk, and every value it may have, has a golden case that it changes") {
  std::vector<Quirk> changing;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TPOOL_TESTS_DIR) / "golden")) {
    if (entry.path().extension() != ".quirks") continue;
    const fs::path path =
        beside(entry.path(), fs::exists(beside(entry.path(), ".sse")) ? ".sse" : ".json");
    CAPTURE(path.string());
    REQUIRE(fs::exists(path));
    const std::string all = told(path, nullptr);
    for (const Quirk& quirk : quirks_of(path))
      if (told(path, &quirk) != all) changing.push_back(quirk);
  }
  for (const std::string_view view : quirk_names()) {
    const std::string name(view);
    // Routing reads this one; no codec does.
    if (name == "responses_compaction") continue;
    const auto choices = choices_of(name);
    CAPTURE(name);
    const auto has = [&](const std::string& value) {
      return std::any_of(changing.begin(), changing.end(), [&](const Quirk& quirk) {
        return quirk.first == name && (value.empty() || quirk.second == value);
      });
    };
    CHECK(has(""));
    for (const std::string& choice : choices) {
      CAPTURE(choice);
      Dialect set;
      REQUIRE(set_quirk(set, name, choice).has_value());
      if (set != Dialect{}) CHECK(has(choice));
    }
  }
}
