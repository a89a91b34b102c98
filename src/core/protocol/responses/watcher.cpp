#include "core/protocol/responses/watcher.hpp"

#include <array>

#include "core/json/pick.hpp"
#include "core/protocol/leading_type.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"
#include "core/protocol/responses/usage.hpp"

namespace tpool::protocol::responses {

namespace {

// The id of the response, where it comes first in it, as providers write it.
std::string_view leading_id(std::string_view data) {
  constexpr std::string_view name = "\"response\":{\"id\":\"";
  const auto at = data.substr(0, 256).find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  const auto end = data.substr(0, begin + 256).find_first_of("\"\\", begin);
  if (end == std::string_view::npos || data[end] != '"') return {};
  return data.substr(begin, end - begin);
}

Glance failed(ir::Failure failure) {
  Glance glance;
  glance.terminal = true;
  glance.failure = std::move(failure);
  return glance;
}

Glance of_response(json::Value response, bool terminal) {
  Glance glance;
  glance.terminal = terminal;
  glance.usage = read_usage(response["usage"]);
  return glance;
}

// Everything that is not a plain delta.
Glance parse(std::string_view data) {
  const auto document = json::Document::parse(data, "event");
  if (!document) return {};
  const json::Value root = document->root();
  const std::string_view type = root["type"].string_or("");
  if (type == "error") {
    Glance glance = failed(read_error(0, root["error"] ? root["error"] : root));
    // Codex passes over it and waits for response.failed.
    glance.unheard = true;
    return glance;
  }
  if (type == "response.failed") {
    Glance glance = failed(read_error(0, root["response"]["error"]));
    glance.usage = read_usage(root["response"]["usage"]);
    return glance;
  }
  if (type == "response.completed" || type == "response.incomplete" || type == "response.done") {
    return of_response(root["response"], true);
  }
  if (type == "response.output_item.done") {
    Glance glance;
    glance.content = true;
    return glance;
  }
  if (type == "response.output_item.added") {
    const std::string_view item = root["item"]["type"].string_or("");
    Glance glance;
    glance.content = item.ends_with("_call");
    return glance;
  }
  if (type.empty() && root["error"]) return failed(read_error(0, root["error"]));
  if (type.empty() && root["object"].string_or("") == "response") {
    Glance glance = of_response(root, true);
    glance.content = true;
    return glance;
  }
  return {};
}

}  // namespace

Glance ResponsesWatcher::see(const SseEvent& event) {
  Glance glance;
  // The data's own type is what clients go by; the name only helps where the type is not in front.
  std::string_view type = leading_type(event.data);
  if (type.empty()) type = event.name;
  if (!type.starts_with("response.")) {
    return type.empty() || type == "error" || type == "message" ? parse(event.data) : glance;
  }
  const std::string_view name = type.substr(9);
  if (name.ends_with(".delta")) {
    glance.content = name == "output_text.delta" || name == "function_call_arguments.delta" ||
                     name == "reasoning_summary_text.delta" || name == "reasoning_text.delta" ||
                     name == "custom_tool_call_input.delta" || name == "refusal.delta";
    return glance;
  }
  if (name == "output_item.done") {
    glance.content = true;
    return glance;
  }
  if (name == "created") {
    glance.answer_id = leading_id(event.data);
    return glance;
  }
  if (name == "output_item.added" || name == "completed" || name == "incomplete" ||
      name == "failed" || name == "done") {
    return parse(event.data);
  }
  return glance;
}

namespace {

Glance glance_answer(json::Value root) {
  if (!root["error"] && !root["output"].is_array())
    return failed({ir::Failure::Kind::garbage, 0, "the answer has no output"});
  if (const json::Value error = root["error"]) {
    Glance glance = failed(read_error(0, error));
    // Billed all the same.
    glance.usage = read_usage(root["usage"]);
    return glance;
  }
  Glance glance = of_response(root, true);
  glance.content = root["output"].size() > 0;
  return glance;
}

}  // namespace

Glance glance_answer(std::string_view body) {
  // A good answer is long and only its usage is wanted.
  constexpr std::array<std::string_view, 3> names{"output", "usage", "error"};
  std::array<std::string_view, 3> members;
  const bool valid = json::pick(body, names, members);
  const auto inside = members[0].find_first_not_of("[ \t\r\n");
  const bool filled = valid && members[0].starts_with("[") && members[0][inside] != ']';
  if (filled && (members[2].empty() || members[2] == "null")) {
    Glance glance;
    glance.terminal = glance.content = true;
    glance.usage = read_usage(members[1]);
    return glance;
  }
  const auto document = parse_provider_json(body);
  // A page of a gateway, `null`, nothing at all: no answer, so somebody else may still give one.
  if (!document || !document->root().is_object())
    return failed({ir::Failure::Kind::garbage, 0, "the answer is not a JSON object"});
  return glance_answer(document->root());
}

}  // namespace tpool::protocol::responses
