// decode(encode(x)) keeps the meaning, over random requests and random answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/registry.hpp"
#include "core/protocol/tool_input.hpp"
#include "responses/strict_stream.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int roll(int sides) { return static_cast<int>(engine_() % static_cast<unsigned>(sides)); }
  bool maybe() { return roll(2) == 0; }
  std::string text() {
    static const char* const pieces[] = {
        "a", "\"", "\\", "\n", "\xC3\xA9", " x", "\x01", "</think>", "\xF0\x9F\x98\x80", "data: "};
    std::string out;
    for (int i = roll(6); i >= 0; --i) out += pieces[roll(10)];
    return out;
  }
  std::string name(const std::string& prefix) { return prefix + std::to_string(roll(1000)); }

 private:
  std::mt19937 engine_;
};

ir::Part random_part(Dice& dice, bool user) {
  if (user && dice.roll(4) == 0) return {ir::Image{"data:image/png;base64,AA==", "high"}};
  return {ir::Text{dice.text()}};
}

std::vector<ir::Tool> random_tools(Dice& dice) {
  std::vector<ir::Tool> tools;
  for (int i = 0; i < 3; ++i) {
    ir::Tool tool;
    tool.name = "tool_" + std::to_string(i);
    tool.description = dice.text();
    if (i == 1) {
      tool.kind = ir::ToolKind::custom;
      tool.format = R"({"type":"grammar","syntax":"lark","definition":"x"})";
    } else {
      tool.schema = R"({"type":"object","properties":{},"additionalProperties":false})";
      tool.strict = dice.maybe();
    }
    if (i == 2) {
      tool.space = "space";
      tool.space_description = dice.text();
    }
    tools.push_back(std::move(tool));
  }
  return tools;
}

// A round of calls and their results, or one message.
void add_turn(Dice& dice, const std::vector<ir::Tool>& tools, int turn,
              std::vector<ir::Item>& items) {
  ir::Message user{ir::Role::user};
  for (int i = dice.roll(3); i >= 0; --i) user.parts.push_back(random_part(dice, true));
  items.push_back({std::move(user)});
  if (dice.maybe()) {
    ir::Reasoning reasoning;
    reasoning.summary = {dice.text()};
    reasoning.opaque = ir::Opaque{"p", "m", "encrypted_content", dice.name("gAAA")};
    reasoning.id = "rs_" + std::to_string(turn);
    items.push_back({std::move(reasoning)});
  }
  const int calls = dice.roll(3);
  for (int i = 0; i < calls; ++i) {
    const ir::Tool& tool = tools[static_cast<std::size_t>(dice.roll(3))];
    ir::ToolCall call{tool.kind, "call_" + std::to_string(turn) + "_" + std::to_string(i),
                      tool.name, tool.space};
    call.input =
        tool.kind == ir::ToolKind::custom ? dice.text() : R"({"a":)" + std::to_string(i) + "}";
    items.push_back({std::move(call)});
  }
  for (int i = 0; i < calls; ++i) {
    const std::size_t at = items.size() - static_cast<std::size_t>(calls);
    const auto& call = std::get<ir::ToolCall>(items[at].value);
    ir::ToolResult result{call.kind, call.call_id, {{ir::Text{dice.text()}}}};
    items.push_back({std::move(result)});
  }
  ir::Message said{ir::Role::assistant, {{ir::Text{dice.text()}}}};
  items.push_back({std::move(said)});
}

ir::Request random_request(unsigned seed) {
  Dice dice(seed);
  ir::Request request;
  request.model = "m";
  request.stream = dice.maybe();
  request.tools = random_tools(dice);
  const bool system = dice.maybe();
  if (system) request.items.push_back({ir::Message{ir::Role::system, {{ir::Text{dice.text()}}}}});
  for (int turn = dice.roll(4); turn >= 0; --turn) {
    add_turn(dice, request.tools, turn, request.items);
  }
  request.tool_choice.mode = static_cast<ir::ToolChoice::Mode>(dice.roll(4));
  if (dice.maybe()) request.parallel_tool_calls = dice.maybe();
  if (dice.maybe()) request.effort = "high";
  if (dice.maybe()) request.max_output = 16 + dice.roll(10'000);
  if (dice.maybe()) request.temperature = 0.5;
  const std::string& schema = request.tools[0].schema;
  if (dice.maybe()) request.format = {ir::Format::Kind::json_schema, "n", "", schema, true};
  if (dice.maybe()) request.cache_key = "key";
  request.store = false;
  return request;
}

// What Chat can say of a history: texts, calls and results in order, joined per message.
std::vector<std::string> chat_meaning(const ir::Request& request) {
  std::vector<std::string> out;
  for (const ir::Item& item : request.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      std::string text = "message " + std::to_string(static_cast<int>(message->role)) + ": ";
      bool plain = true;
      for (const ir::Part& part : message->parts)
        plain &= std::holds_alternative<ir::Text>(part.value);
      for (std::size_t i = 0; i < message->parts.size(); ++i) {
        if (i > 0) text += plain ? "\n\n" : "|";
        const auto* words = std::get_if<ir::Text>(&message->parts[i].value);
        text += words != nullptr ? words->text : "image";
      }
      out.push_back(std::move(text));
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      out.push_back("call " + call->call_id + ": " + call->input);
    } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
      out.push_back("result " + result->call_id + ": " +
                    std::get<ir::Text>(result->parts.at(0).value).text);
    }
  }
  return out;
}

// The same for Gemini, part by part: from a request's items, and from what was encoded.
std::vector<std::string> gemini_meaning(const ir::Request& request) {
  std::vector<std::string> out;
  for (const ir::Item& item : request.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      const std::string role = message->role == ir::Role::assistant ? "model: " : "user: ";
      for (const ir::Part& part : message->parts) {
        const auto* words = std::get_if<ir::Text>(&part.value);
        if (words == nullptr || !words->text.empty()) {
          out.push_back(role + (words != nullptr ? words->text : "image"));
        }
      }
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      const bool custom = call->kind == ir::ToolKind::custom;
      std::string input;
      json::Writer writer(input);
      writer.begin_object().member("input", call->input).end_object();
      out.push_back("call " + call->call_id + ": " + (custom ? input : call->input));
    } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
      out.push_back("result " + result->call_id + ": " +
                    std::get<ir::Text>(result->parts.at(0).value).text);
    }
  }
  return out;
}

std::vector<std::string> gemini_meaning(json::Value body) {
  std::vector<std::string> out;
  const json::Value system = body["systemInstruction"]["parts"].at(0);
  if (system) out.push_back("user: " + std::string(system["text"].string_or("")));
  for (std::size_t i = 0; i < body["contents"].size(); ++i) {
    const json::Value content = body["contents"].at(i);
    const std::string role = std::string(content["role"].string_or("")) + ": ";
    for (std::size_t n = 0; n < content["parts"].size(); ++n) {
      const json::Value part = content["parts"].at(n);
      if (const json::Value call = part["functionCall"]) {
        out.push_back("call " + std::string(call["id"].string_or("")) + ": " + call["args"].text());
      } else if (const json::Value result = part["functionResponse"]) {
        out.push_back("result " + std::string(result["id"].string_or("")) + ": " +
                      std::string(result["response"]["output"].string_or("")));
      } else {
        out.push_back(role + std::string(part["text"].string_or("image")));
      }
    }
  }
  return out;
}

// `mixed`: text and reasoning blocks are open side by side, as only some protocols can say.
std::vector<ir::Event> random_answer(unsigned seed, bool mixed) {
  Dice dice(seed);
  std::vector<ir::Event> events;
  events.emplace_back(ir::Started{dice.name("resp_"), "m"});
  std::vector<int> open;
  int next = 0;
  bool called = false;
  std::optional<int> words_open;
  for (int step = 0; step < 20; ++step) {
    const int kind = dice.roll(3);
    if (open.size() < 3 && dice.roll(3) == 0) {
      ir::BlockStart start;
      start.index = next++;
      if (kind == 1) {
        start.kind = ir::BlockKind::reasoning;
      } else if (kind == 2) {
        start.kind = ir::BlockKind::tool_call;
        start.call_id = "call_" + std::to_string(start.index);
        start.name = "f";
        start.tool = dice.maybe() ? ir::ToolKind::custom : ir::ToolKind::function;
        called = true;
      }
      start.id = "item_" + std::to_string(start.index);
      if (!mixed && kind != 2) {
        if (words_open && std::erase(open, *words_open) > 0) {
          events.emplace_back(ir::BlockEnd{*words_open});
        }
        words_open = start.index;
      }
      open.push_back(start.index);
      events.emplace_back(start);
      // Nothing empty: an empty block is not always distinguishable from none.
      if (kind == 1) {
        events.emplace_back(ir::SummaryDelta{start.index, 0, dice.text()});
      } else {
        events.emplace_back(ir::Delta{start.index, dice.text()});
      }
      continue;
    }
    if (open.empty()) continue;
    const auto at = static_cast<std::size_t>(dice.roll(static_cast<int>(open.size())));
    const int index = open[at];
    if (dice.roll(4) == 0) {
      events.emplace_back(ir::BlockEnd{index});
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
      continue;
    }
    const auto start = std::find_if(events.begin(), events.end(), [&](const ir::Event& event) {
      const auto* block = std::get_if<ir::BlockStart>(&event);
      return block != nullptr && block->index == index;
    });
    if (std::get<ir::BlockStart>(*start).kind == ir::BlockKind::reasoning) {
      events.emplace_back(ir::SummaryDelta{index, 0, dice.text()});
    } else {
      events.emplace_back(ir::Delta{index, dice.text()});
    }
  }
  for (const int index : open) events.emplace_back(ir::BlockEnd{index});
  ir::Finished finished;
  finished.reason = called ? ir::Finish::tool_calls : ir::Finish::stop;
  if (dice.maybe()) finished.usage = ir::Usage{5, 2, 0, 9, 3};
  events.emplace_back(finished);
  return events;
}

ir::Answer folded(const std::vector<ir::Event>& events) {
  ir::Fold fold;
  for (const ir::Event& event : events) fold.add(event);
  REQUIRE_FALSE(fold.failure().has_value());
  return fold.take();
}

std::vector<ir::Event> round_trip(Protocol protocol, const std::vector<ir::Event>& events,
                                  std::string& wire) {
  ReplyContext context;
  context.model = "m";
  const auto encoder = codec(protocol)->encoder(context);
  for (const ir::Event& event : events) encoder->write(event, wire);
  const ir::ToolNames names;
  const auto decoder = codec(protocol)->decoder(names, {"p", "m"});
  std::vector<ir::Event> out;
  SseReader reader;
  SseEvent event;
  reader.feed(wire);
  while (reader.next(event)) decoder->feed(event, out);
  decoder->end(out);
  return out;
}

// Words of an answer by kind; Chat keeps no order between kinds.
struct Words {
  std::string text;
  std::string reasoning;
  std::vector<std::string> calls;
  bool operator==(const Words&) const = default;
};

Words words_of(const ir::Answer& answer) {
  Words words;
  for (const ir::Item& item : answer.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      for (const ir::Part& part : message->parts) words.text += std::get<ir::Text>(part.value).text;
    } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
      words.reasoning += reasoning->text;
      for (const std::string& part : reasoning->summary) words.reasoning += part;
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      words.calls.push_back(call->call_id + call->name + call->input);
    }
  }
  return words;
}

}  // namespace

TEST_CASE("a random request survives the Responses codec whole") {
  Target target{"p", "m"};
  target.dialect.responses_namespaces = true;
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const ir::Request request = random_request(seed);
    const Encoded encoded = codec(Protocol::responses)->encode_request(request, target);
    CHECK(encoded.losses.empty());
    const auto again = codec(Protocol::responses)->decode_request(encoded.body);
    REQUIRE_MESSAGE(again.has_value(), again.error().message);
    ir::Request expected = request;
    for (ir::Item& item : expected.items) {
      // The wire of a provider has no label of ours: the origin is then unsaid.
      if (auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
        reasoning->opaque->provider.clear();
        reasoning->opaque->model.clear();
      }
    }
    CHECK((*again == expected));
  }
}

TEST_CASE("a random request keeps its words, calls and results through the Chat codec") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const ir::Request request = random_request(seed);
    const Encoded encoded = codec(Protocol::chat)->encode_request(request, {"p", "m"});
    const auto again = codec(Protocol::chat)->decode_request(encoded.body);
    REQUIRE_MESSAGE(again.has_value(), again.error().message);
    ir::Request expected = request;
    for (ir::Item& item : expected.items) {
      auto* call = std::get_if<ir::ToolCall>(&item.value);
      if (call == nullptr || call->kind != ir::ToolKind::custom) continue;
      std::string wrapped;
      json::Writer writer(wrapped);
      writer.begin_object().member("input", call->input).end_object();
      call->input = wrapped;
    }
    CHECK(chat_meaning(*again) == chat_meaning(expected));
    CHECK(again->tools.size() == request.tools.size());
    CHECK((again->format == request.format));
    CHECK((again->max_output == request.max_output));
    CHECK(again->effort == request.effort);
    // The same request is the same bytes: prompt caches depend on it.
    CHECK(codec(Protocol::chat)->encode_request(request, {"p", "m"}).body == encoded.body);
  }
}

TEST_CASE("a random request keeps its words, calls and results towards Gemini") {
  const auto& gemini = *provider_codec(Protocol::gemini);
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const ir::Request request = random_request(seed);
    const Encoded encoded = gemini.encode_request(request, {"p", "m"});
    const auto parsed = json::Document::parse(encoded.body);
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
    CHECK(gemini_meaning(parsed->root()) == gemini_meaning(request));
    CHECK(parsed->root()["tools"].at(0)["functionDeclarations"].size() == request.tools.size());
    CHECK(parsed->root()["generationConfig"]["maxOutputTokens"].integer() == request.max_output);
    // The same request is the same bytes: prompt caches depend on it.
    CHECK(gemini.encode_request(request, {"p", "m"}).body == encoded.body);
  }
}

TEST_CASE("a random answer survives the Responses stream whole, by every rule of it") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const auto events = random_answer(seed, true);
    std::string wire;
    const auto again = round_trip(Protocol::responses, events, wire);
    for (const std::string& rule : responses::broken_rules(wire)) FAIL_CHECK(rule);
    CHECK((folded(again) == folded(events)));
  }
}

TEST_CASE("a random answer keeps its words and calls through the Chat stream") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const auto events = random_answer(seed, false);
    std::string wire;
    const auto again = round_trip(Protocol::chat, events, wire);
    const ir::Answer before = folded(events);
    const ir::Answer after = folded(again);
    CHECK((words_of(after) == words_of(before)));
    CHECK((after.usage == before.usage));
    CHECK((after.finish == before.finish));
  }
}

TEST_CASE("a random answer keeps its words and calls, in order, through the Messages stream") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const auto events = random_answer(seed, true);
    std::string wire;
    const auto again = round_trip(Protocol::messages, events, wire);
    ir::Answer before = folded(events);
    const ir::Answer after = folded(again);
    for (ir::Item& item : before.items) {
      auto* call = std::get_if<ir::ToolCall>(&item.value);
      if (call != nullptr && call->kind == ir::ToolKind::custom)
        call->input = wrap_input(call->input);
    }
    CHECK((words_of(after) == words_of(before)));
    CHECK((after.usage == before.usage));
    CHECK((after.finish == before.finish));
  }
}

TEST_CASE("an answer of endless parts is ended, in time that stays linear") {
  const ir::ToolNames names;
  std::string calls = R"({"choices":[{"delta":{"tool_calls":[)";
  for (int i = 0; i < 50'000; ++i) {
    calls += (i > 0 ? "," : "") + std::string(R"({"index":)") + std::to_string(i) +
             R"(,"id":"x","function":{"name":"f","arguments":"{}"}})";
  }
  calls += "]}}]}";
  std::string items = R"({"type":"response.completed","response":{"id":"r","output":[)";
  for (int i = 0; i < 50'000; ++i) {
    items += (i > 0 ? "," : "") +
             std::string(R"({"type":"function_call","call_id":"x","name":"f","arguments":"{}"})");
  }
  items += "]}}";
  for (const auto& [protocol, data] :
       {std::pair{Protocol::chat, &calls}, std::pair{Protocol::responses, &items}}) {
    const auto decoder = codec(protocol)->decoder(names, {"p", "m"});
    std::vector<ir::Event> events;
    decoder->feed({{}, *data}, events);
    decoder->end(events);
    CHECK(events.size() < 20'000);
  }
}

TEST_CASE("a history of the same id over and over is encoded in time that stays linear") {
  ir::Request request;
  request.model = "m";
  for (int i = 0; i < 30'000; ++i) {
    request.items.push_back({ir::ToolCall{ir::ToolKind::function, "same", "f"}});
  }
  for (int i = 0; i < 30'000; ++i) {
    ir::ToolResult result;
    result.call_id = "same";
    request.items.push_back({std::move(result)});
  }
  for (int i = 0; i < 1'000; ++i) {
    request.items.push_back(
        {ir::Unknown{Protocol::responses, "type\r\n" + std::to_string(i), "{}"}});
  }
  const Encoded encoded = codec(Protocol::chat)->encode_request(request, {"p", "m"});
  CHECK(encoded.losses.size() == 1);
  CHECK(ir::summary(encoded.losses) == "items.other dropped 1000");
  const Encoded gemini = provider_codec(Protocol::gemini)->encode_request(request, {"p", "m"});
  CHECK(ir::summary(gemini.losses) == "messages approximated 1; items.other dropped 1000");
}

TEST_CASE("random bytes never break a decoder, and every stream ends once") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    for (const Protocol protocol : {Protocol::responses, Protocol::chat}) {
      std::string wire;
      round_trip(protocol, random_answer(seed, true), wire);
      for (int i = dice.roll(8); i >= 0; --i) {
        const auto at = static_cast<std::size_t>(dice.roll(static_cast<int>(wire.size())));
        if (dice.maybe()) {
          wire[at] = static_cast<char>(dice.roll(256));
        } else {
          wire.erase(at, static_cast<std::size_t>(dice.roll(40)));
        }
        if (wire.empty()) wire = "x";
      }
      const ir::ToolNames names;
      const auto decoder = codec(protocol)->decoder(names, {"p", "m"});
      const auto watcher = codec(protocol)->watcher();
      std::vector<ir::Event> events;
      SseReader reader;
      SseEvent event;
      reader.feed(wire);
      while (reader.next(event)) {
        watcher->see(event);
        decoder->feed(event, events);
      }
      decoder->end(events);
      int ends = 0;
      std::string out;
      const auto encoder = codec(Protocol::responses)->encoder({});
      for (const ir::Event& one : events) {
        ends +=
            std::holds_alternative<ir::Finished>(one) || std::holds_alternative<ir::Failed>(one);
        encoder->write(one, out);
      }
      CHECK(ends == 1);
      for (const std::string& rule : responses::broken_rules(out)) FAIL_CHECK(rule);
    }
  }
}
