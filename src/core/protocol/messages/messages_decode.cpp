#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/seal.hpp"

namespace tpool::protocol::messages {

namespace {

// A cache breakpoint of a block that is an item here.
void keep_mark(json::Value block, ir::Item& item) {
  if (const json::Value mark = block["cache_control"]) {
    item.extras.push_back({own, "cache_control", mark.text()});
  }
}

std::optional<Error> decode_thinking(json::Value block, const Path& path, ir::Request& request) {
  std::string thinking;
  std::string signature;
  Fields fields(block, path);
  fields.required_string("thinking", thinking).string("signature", signature);
  if (fields.error()) return fields.error();
  ir::Reasoning reasoning;
  if (!thinking.empty()) reasoning.summary.push_back(thinking);
  if (!signature.empty()) {
    reasoning.opaque = unseal(signature, sealed_kind);
    if (!is_token(*reasoning.opaque)) {
      reasoning.opaque->data =
          seal_thought({std::move(thinking), std::move(reasoning.opaque->data), {}});
    }
  }
  request.items.push_back({std::move(reasoning)});
  return {};
}

std::optional<Error> decode_redacted(json::Value block, const Path& path, ir::Request& request) {
  std::string data;
  Fields fields(block, path);
  fields.required_string("data", data);
  if (fields.error()) return fields.error();
  ir::Reasoning reasoning;
  reasoning.opaque = unseal(data, sealed_kind);
  if (!is_token(*reasoning.opaque)) {
    reasoning.opaque->data = seal_thought({{}, {}, std::move(reasoning.opaque->data)});
  }
  request.items.push_back({std::move(reasoning)});
  return {};
}

std::optional<Error> decode_call(json::Value block, const Path& path, ir::Request& request) {
  ir::ToolCall call;
  Fields fields(block, path);
  fields.required_string("id", call.call_id).required_string("name", call.name);
  if (fields.error()) return fields.error();
  const json::Value input = block["input"];
  if (input && !input.is_object()) return wrong_type(Path{&path, "input"}, "an object");
  call.input = input ? input.text() : "{}";
  ir::Item item{std::move(call)};
  keep_mark(block, item);
  request.items.push_back(std::move(item));
  return {};
}

std::optional<Error> decode_result(json::Value block, const Path& path, ir::Request& request) {
  ir::ToolResult result;
  std::optional<bool> failed;
  Fields fields(block, path);
  fields.required_string("tool_use_id", result.call_id).boolean("is_error", failed);
  if (fields.error()) return fields.error();
  result.failed = failed.value_or(false);
  if (auto error = decode_parts(block["content"], Path{&path, "content"}, result.parts)) {
    return error;
  }
  ir::Item item{std::move(result)};
  keep_mark(block, item);
  request.items.push_back(std::move(item));
  return {};
}

// What the provider's own tools were asked and answered.
bool is_server_block(std::string_view type) {
  return type == "server_tool_use" || type == "mcp_tool_use" || type == "mcp_tool_result" ||
         type == "container_upload" || type == "compaction" || type == "fallback" ||
         (type.ends_with("_tool_result") && type != "tool_result");
}

// Blocks in order: what belongs to a message is gathered into one, the rest are items between.
class Blocks {
 public:
  Blocks(ir::Role role, ir::Request& request) : role_(role), request_(request) {}

  std::optional<Error> take(json::Value block, const Path& path) {
    if (!block.is_object()) return wrong_type(path, "an object");
    const std::string_view type = block["type"].string_or("");
    if (type == "tool_result" && role_ == ir::Role::user) {
      flush();
      return decode_result(block, path, request_);
    }
    if (role_ == ir::Role::assistant) {
      if (type == "thinking") return flush(), decode_thinking(block, path, request_);
      if (type == "redacted_thinking") return flush(), decode_redacted(block, path, request_);
      if (type == "tool_use") return flush(), decode_call(block, path, request_);
    }
    if (is_server_block(type)) {
      flush();
      request_.items.push_back({ir::Unknown{own, std::string(type), block.text()}});
      return {};
    }
    return decode_part(block, path, parts_);
  }

  void flush() {
    if (parts_.empty()) return;
    request_.items.push_back({ir::Message{role_, std::move(parts_)}});
    parts_.clear();
  }

 private:
  ir::Role role_;
  ir::Request& request_;
  std::vector<ir::Part> parts_;
};

std::optional<Error> decode_message(json::Value message, const Path& path, ir::Request& request) {
  if (!message.is_object()) return wrong_type(path, "an object");
  const std::string_view said = message["role"].string_or("");
  ir::Role role = ir::Role::user;
  if (said == "assistant") {
    role = ir::Role::assistant;
  } else if (said == "system") {
    role = ir::Role::system;
  } else if (said != "user") {
    return wrong_type(Path{&path, "role"}, "user, assistant or system");
  }
  const json::Value content = message["content"];
  const Path inside{&path, "content"};
  if (const auto text = content.string()) {
    request.items.push_back({ir::Message{role, {{ir::Text{std::string(*text)}}}}});
    return {};
  }
  if (!content.is_array()) return wrong_type(inside, "a string or an array of blocks");
  Blocks blocks(role, request);
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (auto error = blocks.take(content.at(i), Path{&path, "content", i})) return error;
  }
  blocks.flush();
  return {};
}

constexpr std::string_view maker_header = "x-anthropic-billing-header:";

}  // namespace

std::optional<Error> decode_system(json::Value system, const Path& path, ir::Request& request) {
  ir::Message message{ir::Role::system};
  if (auto error = decode_parts(system, path, message.parts)) return error;
  std::erase_if(message.parts, [](const ir::Part& part) {
    const auto* text = std::get_if<ir::Text>(&part.value);
    return text != nullptr && text->text.starts_with(maker_header);
  });
  if (!message.parts.empty()) request.items.push_back({std::move(message)});
  return {};
}

std::optional<Error> decode_messages(json::Value list, const Path& path, ir::Request& request) {
  if (!list.is_array()) return wrong_type(path, "an array of messages");
  if (list.size() == 0) return invalid(path.text() + " is empty: there is nothing to answer");
  request.items.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto error = decode_message(list.at(i), Path{path.parent, path.name, i}, request)) {
      return error;
    }
  }
  return {};
}

}  // namespace tpool::protocol::messages
