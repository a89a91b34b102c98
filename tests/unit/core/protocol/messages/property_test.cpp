// Whatever a history looks like, what is sent obeys the protocol's rules and keeps every word.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/json/value.hpp"
#include "core/protocol/messages/codec.hpp"
#include "core/protocol/messages/thinking.hpp"

using namespace tpool;
using namespace tpool::protocol;

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int roll(int sides) { return static_cast<int>(engine_() % static_cast<unsigned>(sides)); }

 private:
  std::mt19937 engine_;
};

struct Made {
  ir::Request request;
  std::vector<std::string> words;  // each must reach the provider
};

std::string word(Made& made) {
  made.words.push_back("w" + std::to_string(made.words.size()) + ".");
  return made.words.back();
}

ir::Item random_item(Dice& dice, Made& made) {
  const auto id = [&] { return "call " + std::to_string(dice.roll(4)); };
  switch (dice.roll(8)) {
    case 0: return {ir::Message{ir::Role::user, {{ir::Text{word(made)}}}}};
    case 1: return {ir::Message{ir::Role::assistant, {{ir::Text{word(made)}}}}};
    case 2: return {ir::Message{ir::Role::developer, {{ir::Text{word(made)}}}}};
    case 3: return {ir::Message{ir::Role::user, {{ir::Text{dice.roll(2) == 0 ? "" : " \n"}}}}};
    case 4: {
      ir::Reasoning reasoning;
      const std::string maker = dice.roll(2) == 0 ? "p" : "other";
      reasoning.opaque = ir::Opaque{maker, "m", "", messages::seal_thought({"t", "s", {}})};
      return {std::move(reasoning)};
    }
    case 5: {
      ir::ToolResult result;
      result.call_id = id();
      result.failed = dice.roll(2) == 0;
      if (dice.roll(3) > 0) result.parts = {{ir::Text{word(made)}}};
      return {std::move(result)};
    }
    default: {
      ir::ToolCall call;
      call.call_id = id();
      call.name = "tool." + std::to_string(dice.roll(3));
      call.input = dice.roll(4) == 0 ? "not json" : R"({"a":")" + word(made) + "\"}";
      return {std::move(call)};
    }
  }
}

Made random_history(unsigned seed) {
  Dice dice(seed);
  Made made;
  made.request.model = "m";
  for (int i = dice.roll(24); i >= 0; --i) made.request.items.push_back(random_item(dice, made));
  if (dice.roll(2) == 0) made.request.tools.push_back({ir::ToolKind::function, "tool.0"});
  if (dice.roll(2) == 0) made.request.effort = "high";
  made.request.tool_choice.mode = static_cast<ir::ToolChoice::Mode>(dice.roll(4));
  if (dice.roll(2) == 0) made.request.parallel_tool_calls = dice.roll(2) == 0;
  return made;
}

std::set<std::string> ids_of(json::Value content, std::string_view type, std::string_view member) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const json::Value block = content.at(i);
    if (block["type"].string_or("") != type) continue;
    CHECK(ids.insert(std::string(block[member].string_or(""))).second);
  }
  return ids;
}

// Blocks are not empty, and results come first.
void check_blocks(json::Value content) {
  REQUIRE(content.size() > 0);
  bool rest = false;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const json::Value block = content.at(i);
    const std::string_view type = block["type"].string_or("");
    if (type == "text") {
      CHECK(block["text"].string_or("").find_first_not_of(" \n") != std::string_view::npos);
    }
    if (type == "tool_use") CHECK(block["input"].is_object());
    CHECK_FALSE((rest && type == "tool_result"));
    rest = rest || type != "tool_result";
  }
}

void check_rules(json::Value root) {
  const json::Value list = root["messages"];
  REQUIRE(list.size() > 0);
  CHECK(list.at(0)["role"].string_or("") == "user");
  CHECK(list.at(list.size() - 1)["role"].string_or("") == "user");
  std::set<std::string> open;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string_view role = list.at(i)["role"].string_or("");
    if (i > 0) CHECK(role != list.at(i - 1)["role"].string_or(""));
    const json::Value content = list.at(i)["content"];
    check_blocks(content);
    if (role == "user") {
      CHECK(ids_of(content, "tool_result", "tool_use_id") == open);
      open.clear();
      continue;
    }
    open = ids_of(content, "tool_use", "id");
    for (const std::string& id : open) {
      CHECK(id.find_first_of(" .") == std::string::npos);
      CHECK(seen.insert(id).second);
    }
  }
  CHECK(open.empty());
  if (!seen.empty()) CHECK(root["tools"].size() > 0);
  if (root["tool_choice"]) CHECK(root["tools"].size() > 0);
  if (root["thinking"]) CHECK(root["tool_choice"]["type"].string_or("") != "any");
}

}  // namespace

TEST_CASE("any history becomes a request by the rules of the Messages protocol, words kept") {
  const Target target{"p", "m"};
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    const Made made = random_history(seed);
    const Encoded encoded = messages::codec().encode_request(made.request, target);
    const auto parsed = json::Document::parse(encoded.body);
    REQUIRE(parsed.has_value());
    check_rules(parsed->root());
    for (const std::string& one : made.words)
      CHECK_MESSAGE(encoded.body.find(one) != std::string::npos, one);
    std::size_t marks = 0;
    for (auto at = encoded.body.find("\"cache_control\""); at != std::string::npos;
         at = encoded.body.find("\"cache_control\"", at + 1))
      ++marks;
    CHECK(marks <= 4);
    // The same request is the same bytes: prompt caches depend on it.
    CHECK(messages::codec().encode_request(made.request, target).body == encoded.body);

    // Told again by a client of the protocol, it is the same request.
    const auto again = messages::codec().decode_request(encoded.body);
    REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().message));
    const Encoded twice = messages::codec().encode_request(*again, target);
    const auto second = json::Document::parse(twice.body);
    CHECK(second->root()["messages"].text() == parsed->root()["messages"].text());
    CHECK(second->root()["system"].text() == parsed->root()["system"].text());
  }
}
