#include "proxy/inbound/request_class.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/json/value.hpp"

namespace tpool::inbound {
namespace {

using route::Class;

constexpr std::array<std::string_view, 3> output_limits = {"max_tokens", "max_completion_tokens",
                                                           "max_output_tokens"};
// Where each protocol has the shape that an answer must have.
constexpr std::array<std::string_view, 3> shapes = {"output_config", "response_format", "text"};
// And what a model is told first.
constexpr std::array<std::string_view, 4> beginnings = {"system", "messages", "instructions",
                                                        "input"};

// All that Claude Code tells a model which is to compact a conversation.
constexpr std::string_view claude_compacts =
    "\"You are a helpful AI assistant tasked with summarizing conversations.\"";
// How opencode's agents without tools begin.
constexpr std::array<std::string_view, 2> opencode_agents = {
    "\"You are a title generator.", "\"You are a context summarization agent."};
// A role and the names of members stand before the first words.
constexpr std::size_t before_first_words = 120;

std::string_view member(const json::Scan& scan, std::string_view body, std::string_view name) {
  const auto found = std::ranges::find(scan.members, name, &json::Member::name);
  if (found == scan.members.end()) return {};
  return body.substr(found->value.begin, found->value.end - found->value.begin);
}

bool asks_for_one_token(const json::Scan& scan, std::string_view body) {
  return std::ranges::any_of(output_limits,
                             [&](auto name) { return member(scan, body, name) == "1"; });
}

// A JSON object with a title and nothing else, from a model that has no tools.
bool asks_for_title(const json::Scan& scan, std::string_view body) {
  if (scan.tools) return false;
  for (const auto name : shapes) {
    const auto text = member(scan, body, name);
    if (text.empty()) continue;
    const auto shape = json::Document::parse(text, name);
    if (!shape) continue;
    const auto root = shape->root();
    const auto format = root["format"] ? root["format"] : root;
    const auto schema = format["json_schema"] ? format["json_schema"]["schema"] : format["schema"];
    const auto properties = schema["properties"];
    if (properties.size() == 1 && properties["title"]["type"].string_or("") == "string")
      return true;
  }
  return false;
}

bool is_claude_code_compaction(const net::Head& head, const json::Scan& scan,
                               std::string_view body) {
  if (head.get("x-claude-code-session-id").empty()) return false;
  return member(scan, body, "system").find(claude_compacts) != std::string_view::npos;
}

bool is_opencode_agent(const net::Head& head, const json::Scan& scan, std::string_view body) {
  if (scan.tools || !head.get("user-agent").starts_with("opencode/")) return false;
  for (const auto name : beginnings) {
    const auto text = member(scan, body, name).substr(0, before_first_words);
    for (const auto words : opencode_agents)
      if (text.find(words) != std::string_view::npos) return true;
  }
  return false;
}

// What Codex says of a request besides asking it.
struct Codex {
  std::optional<json::Document> turn = {};  // x-codex-turn-metadata
  std::string subagent = {};

  std::string_view says(std::string_view name) const {
    return turn ? turn->root()[name].string_or("") : std::string_view();
  }
};

Codex codex(const Endpoint& endpoint, const net::Head& head, const json::Scan& scan,
            std::string_view body) {
  Codex said{{}, std::string(head.get("x-openai-subagent"))};
  auto turn = std::string(head.get("x-codex-turn-metadata"));
  if (endpoint.turns) {
    // One head stands for all that is said on a connection.
    const auto text = member(scan, body, "client_metadata");
    const auto metadata = json::Document::parse(text.empty() ? "{}" : text, "client_metadata");
    if (!metadata) return {};
    said.subagent = metadata->root()["x-openai-subagent"].string_or("");
    turn = metadata->root()["x-codex-turn-metadata"].string_or("");
  }
  if (turn.empty()) return said;
  if (auto parsed = json::Document::parse(turn, "the turn's metadata"); parsed)
    said.turn = std::move(*parsed);
  return said;
}

bool in_background(const Codex& codex) {
  return codex.subagent == "guardian" || codex.subagent == "memory_consolidation" ||
         codex.says("thread_source") == "thread_title" ||
         codex.says("turn_trigger") == "memory_consolidation" ||
         codex.says("request_kind") == "compaction";
}

}  // namespace

Class class_of(const Endpoint& endpoint, const net::Head& head, const json::Scan& scan,
               std::string_view body) {
  if (endpoint.operation == route::Operation::compact || scan.compaction_trigger)
    return Class::background;
  if (endpoint.operation != route::Operation::generate) return Class::interactive;
  const auto said = codex(endpoint, head, scan, body);
  if (said.says("request_kind") == "prewarm" || asks_for_one_token(scan, body)) return Class::probe;
  if (in_background(said) || asks_for_title(scan, body) ||
      is_claude_code_compaction(head, scan, body) || is_opencode_agent(head, scan, body))
    return Class::background;
  const bool nested = !said.subagent.empty() || !head.get("x-claude-code-agent-id").empty() ||
                      !head.get("x-parent-session-id").empty();
  return nested ? Class::subagent : Class::interactive;
}

}  // namespace tpool::inbound
