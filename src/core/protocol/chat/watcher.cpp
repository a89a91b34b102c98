#include "core/protocol/chat/watcher.hpp"

#include "core/protocol/chat/usage.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::chat {

namespace {

// The text of the value of each member `quoted_name` (with its quotes) until `accept` says yes.
template <class Accept>
bool any_member(std::string_view data, std::string_view quoted_name, Accept accept) {
  for (std::size_t at = data.find(quoted_name); at != std::string_view::npos;
       at = data.find(quoted_name, at + 1)) {
    std::size_t value = at + quoted_name.size();
    while (value < data.size() && data[value] == ' ') ++value;
    if (value >= data.size() || data[value] != ':') continue;
    ++value;
    while (value < data.size() && data[value] == ' ') ++value;
    if (value < data.size() && accept(data.substr(value))) return true;
  }
  return false;
}

bool present(std::string_view value) { return !value.starts_with("null"); }
// A text or a list with something in it.
bool filled(std::string_view value) {
  return (value.starts_with('"') && !value.starts_with("\"\"")) ||
         (value.starts_with('[') && !value.starts_with("[]"));
}

bool has_content(std::string_view data) {
  return any_member(data, "\"content\"", filled) || any_member(data, "\"tool_calls\"", filled) ||
         any_member(data, "\"reasoning_content\"", filled) ||
         any_member(data, "\"reasoning\"", filled) || any_member(data, "\"refusal\"", filled) ||
         any_member(data, "\"function_call\"",
                    [](std::string_view value) { return value.starts_with('{'); });
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

}  // namespace

Glance ChatWatcher::see(const SseEvent& event) {
  std::string_view data = event.data;
  while (!data.empty() && data.front() == ' ') data.remove_prefix(1);
  Glance glance;
  if (data.starts_with("[DONE]")) {
    glance.terminal = true;
    return glance;
  }
  if (any_member(data, "\"usage\"", present) || any_member(data, "\"error\"", present)) {
    glance = parse(data, false);
  }
  glance.content = !glance.failure && has_content(data);
  return glance;
}

Glance glance_answer(std::string_view body) {
  Glance glance = parse(body, true);
  glance.content = !glance.failure && has_content(body);
  return glance;
}

}  // namespace tpool::protocol::chat
