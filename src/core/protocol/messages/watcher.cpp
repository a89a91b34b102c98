#include "core/protocol/messages/watcher.hpp"

#include "core/protocol/leading_type.hpp"
#include "core/protocol/messages/usage.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"

namespace tpool::protocol::messages {

namespace {

Glance failed(ir::Failure failure) {
  Glance glance;
  glance.terminal = true;
  glance.failure = std::move(failure);
  return glance;
}

}  // namespace

Glance MessagesWatcher::see(const SseEvent& event) {
  const std::string_view type = leading_type(event.data);
  Glance glance = look(event, type.empty() ? event.name : type);
  if (event.name.empty() && glance.name.empty()) glance.name = type;
  return glance;
}

std::optional<std::string_view> MessagesWatcher::missing_end() const {
  if (!stopped_) return std::nullopt;
  return "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

Glance MessagesWatcher::end() {
  if (!stopped_) {
    Glance glance = failed({ir::Failure::Kind::cut, 0, "the answer ended without a stop reason"});
    glance.unheard = true;
    return glance;
  }
  Glance glance;
  glance.terminal = true;
  return glance;
}

Glance MessagesWatcher::look(const SseEvent& event, std::string_view type) {
  Glance glance;
  if (type == "content_block_delta") {
    // A signature alone says nothing to the user.
    glance.content = event.data.find("signature_delta") == std::string_view::npos;
    return glance;
  }
  if (type == "ping" || type == "content_block_stop") return glance;
  if (type == "message_stop") return end();
  const auto document = json::Document::parse(event.data, "event");
  if (!document) return glance;
  const json::Value root = document->root();
  type = root["type"].string_or(event.name);
  if (type == "error" || (type.empty() && root["error"])) {
    glance = failed(read_error(0, root["error"] ? root["error"] : root));
    if (event.name.empty()) glance.name = "error";
    return glance;
  }
  if (type == "content_block_start") {
    const std::string_view block = root["content_block"]["type"].string_or("");
    glance.content = block.ends_with("tool_use");
  } else if (type == "message_start" || type == "message_delta") {
    add_usage(type == "message_start" ? root["message"]["usage"] : root["usage"], usage_);
    glance.usage = usage_;
    const std::string_view why = root["delta"]["stop_reason"].string_or("");
    stopped_ = stopped_ || !why.empty();
  } else if (type == "content_block_delta") {
    glance.content = true;
  } else if (type == "message_stop") {
    glance = end();
  }
  if (event.name.empty()) glance.name = type;
  return glance;
}

Glance glance_answer(std::string_view body) {
  const auto document = parse_provider_json(body);
  // A page of a gateway, `null`, nothing at all: no answer, so somebody else may still give one.
  if (!document || !document->root().is_object())
    return failed({ir::Failure::Kind::garbage, 0, "the answer is not a JSON object"});
  const json::Value root = document->root();
  if (const json::Value error = root["error"]) return failed(read_error(0, error));
  Glance glance;
  glance.terminal = true;
  // A count of tokens is an answer too.
  if (root["input_tokens"].is_number()) return glance;
  if (!root["content"].is_array())
    return failed({ir::Failure::Kind::garbage, 0, "the answer has no content"});
  add_usage(root["usage"], glance.usage);
  glance.content = root["content"].size() > 0;
  return glance;
}

}  // namespace tpool::protocol::messages
