#include "core/protocol/chat/watcher.hpp"

#include <cstring>

#include "core/protocol/chat/usage.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::chat {

namespace {

// What the members of a chunk say, by their names alone.
struct Signs {
  bool content = false;
  bool told = false;  // usage or an error: to be parsed
  bool finished = false;
};

bool present(std::string_view value) { return !value.empty() && !value.starts_with("null"); }
// A text, list or object with something in it.
bool filled(std::string_view value) {
  return value.size() > 1 && ((value[0] == '"' && value[1] != '"') ||
                              (value[0] == '[' && value[1] != ']') || value[0] == '{');
}

// The text after the name and its colon, when `rest` begins with `name"` and a colon.
std::string_view value_of(std::string_view rest, std::string_view name) {
  if (!rest.starts_with(name)) return {};
  std::size_t at = name.size();
  if (at >= rest.size() || rest[at] != '"') return {};
  ++at;
  while (at < rest.size() && rest[at] == ' ') ++at;
  if (at >= rest.size() || rest[at] != ':') return {};
  ++at;
  while (at < rest.size() && rest[at] == ' ') ++at;
  return rest.substr(at);
}

// One pass from quote to quote.
Signs signs_of(std::string_view data) {
  Signs signs;
  // An event without data has no bytes to point at.
  if (data.empty()) return signs;
  const char* const end = data.data() + data.size();
  const char* at = data.data();
  while (
      (at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at))))) {
    if (++at >= end) break;
    const std::string_view rest(at, static_cast<std::size_t>(end - at));
    switch (*at) {
      case 'c': signs.content |= filled(value_of(rest, "content")); break;
      case 't': signs.content |= filled(value_of(rest, "tool_calls")); break;
      case 'f':
        signs.content |= filled(value_of(rest, "function_call"));
        signs.finished |= filled(value_of(rest, "finish_reason"));
        break;
      case 'r':
        signs.content |= filled(value_of(rest, "reasoning_content")) ||
                         filled(value_of(rest, "reasoning")) || filled(value_of(rest, "refusal"));
        break;
      case 'u': signs.told |= present(value_of(rest, "usage")); break;
      case 'e': signs.told |= present(value_of(rest, "error")); break;
      default: break;
    }
  }
  return signs;
}

Glance parse(std::string_view data, bool whole) {
  Glance glance;
  const auto document = json::Document::parse(data, "answer");
  if (!document) return glance;
  const json::Value root = document->root();
  if (const json::Value error = root["error"]; error && (error.is_string() || error.size() > 0)) {
    glance.failure = read_error(0, error);
    glance.terminal = true;
    return glance;
  }
  glance.terminal = whole;
  glance.usage = read_usage(root["usage"]);
  if (!glance.usage) glance.usage = read_usage(root["choices"].at(0)["usage"]);
  return glance;
}

// An answer has choices, a list of embeddings data.
bool is_answer(std::string_view body) {
  const auto document = json::Document::parse(body, "answer");
  if (!document) return false;
  const json::Value root = document->root();
  return root["choices"].is_array() || root["data"].is_array();
}

}  // namespace

Glance ChatWatcher::see(const SseEvent& event) {
  std::string_view data = event.data;
  while (!data.empty() && data.front() == ' ') data.remove_prefix(1);
  Glance glance;
  if (data.starts_with("[DONE]")) {
    glance.terminal = true;
    if (finished_) return glance;
    glance.failure = ir::Failure{ir::Failure::Kind::cut, 0, "the answer ended without a reason"};
    glance.unheard = true;
    return glance;
  }
  const Signs signs = signs_of(data);
  finished_ = finished_ || signs.finished;
  if (signs.told) glance = parse(data, false);
  glance.content = !glance.failure && signs.content;
  return glance;
}

std::optional<std::string_view> ChatWatcher::missing_end() const {
  return finished_ ? std::optional<std::string_view>("data: [DONE]\n\n") : std::nullopt;
}

Glance glance_answer(std::string_view body) {
  Glance glance = parse(body, true);
  if (!glance.failure && !is_answer(body)) {
    // A page of a gateway, `null`, nothing at all: somebody else may still give an answer.
    glance.failure = ir::Failure{ir::Failure::Kind::garbage, 0,
                                 "its answer has no choices: " + short_text(body.substr(0, 120))};
    return glance;
  }
  glance.content = !glance.failure && signs_of(body).content;
  return glance;
}

}  // namespace tpool::protocol::chat
