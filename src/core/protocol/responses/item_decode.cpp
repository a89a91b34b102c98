#include "core/protocol/responses/compaction.hpp"
#include "core/protocol/responses/request.hpp"
#include "core/protocol/seal.hpp"

namespace tpool::protocol::responses {

namespace {

constexpr Protocol own = Protocol::responses;

// A URL that is a string, or an object around one as Chat has it.
std::string url_of(json::Value value) {
  if (const auto text = value.string()) return std::string(*text);
  return std::string(value["url"].string_or(""));
}

std::optional<Error> decode_part(json::Value value, const Path& path, ir::Part& part) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or("");
  Fields fields(value, path);
  if (type == "input_text" || type == "output_text" || type == "text") {
    ir::Text text;
    fields.required_string("text", text.text);
    part.value = std::move(text);
    keep_extras(value, "type text annotations logprobs", own, part.extras);
  } else if (type == "refusal") {
    ir::Refusal refusal;
    fields.required_string("refusal", refusal.text);
    part.value = std::move(refusal);
  } else if (type == "input_image" && value["image_url"]) {
    ir::Image image;
    image.url = url_of(value["image_url"]);
    if (image.url.empty()) return wrong_type(Path{&path, "image_url"}, "a URL");
    fields.string("detail", image.detail);
    part.value = std::move(image);
    keep_extras(value, "type image_url detail", own, part.extras);
  } else if (type == "input_file") {
    ir::File file;
    fields.string("file_url", file.url).string("file_data", file.url);
    fields.string("file_id", file.id).string("filename", file.name);
    part.value = std::move(file);
    keep_extras(value, "type file_url file_data file_id filename", own, part.extras);
  } else if (type == "input_audio" && value["input_audio"].is_object()) {
    ir::Audio audio;
    const Path inside{&path, "input_audio"};
    Fields audio_fields(value["input_audio"], inside);
    audio_fields.required_string("data", audio.data).string("format", audio.format);
    if (audio_fields.error()) return audio_fields.error();
    part.value = std::move(audio);
  } else {
    // A part of a kind the IR does not know, whole.
    part.extras.push_back({own, "", value.text()});
  }
  return fields.error();
}

std::optional<Error> decode_message(json::Value value, const Path& path, ir::Request& request) {
  ir::Item item;
  ir::Message message;
  const std::string_view role = value["role"].string_or("");
  if (role == "user") {
    message.role = ir::Role::user;
  } else if (role == "assistant") {
    message.role = ir::Role::assistant;
  } else if (role == "developer") {
    message.role = ir::Role::developer;
  } else if (role == "system") {
    message.role = ir::Role::system;
  } else {
    return wrong_type(Path{&path, "role"}, "user, assistant, developer or system");
  }
  if (!value["content"]) return wrong_type(Path{&path, "content"}, "a string or an array of parts");
  if (auto error = decode_parts(value["content"], Path{&path, "content"}, message.parts)) {
    return error;
  }
  Fields fields(value, path);
  fields.string("id", message.id).string("phase", message.phase);
  if (fields.error()) return fields.error();
  item.value = std::move(message);
  keep_extras(value, "type role content id phase status", own, item.extras);
  request.items.push_back(std::move(item));
  return {};
}

std::optional<Error> decode_reasoning(json::Value value, const Path& path, ir::Request& request) {
  ir::Item item;
  ir::Reasoning reasoning;
  const json::Value summary = value["summary"];
  for (std::size_t i = 0; i < summary.size(); ++i) {
    reasoning.summary.emplace_back(summary.at(i)["text"].string_or(""));
  }
  const json::Value content = value["content"];
  for (std::size_t i = 0; i < content.size(); ++i) {
    reasoning.text += content.at(i)["text"].string_or("");
  }
  std::string sealed;
  Fields fields(value, path);
  fields.string("id", reasoning.id).string("encrypted_content", sealed);
  if (fields.error()) return fields.error();
  if (!sealed.empty()) reasoning.opaque = unseal(sealed, "encrypted_content");
  item.value = std::move(reasoning);
  keep_extras(value, "type id summary content encrypted_content status", own, item.extras);
  request.items.push_back(std::move(item));
  return {};
}

std::optional<Error> decode_call(json::Value value, const Path& path, ir::ToolKind kind,
                                 ir::Request& request) {
  ir::Item item;
  ir::ToolCall call;
  call.kind = kind;
  Fields fields(value, path);
  fields.required_string("call_id", call.call_id).required_string("name", call.name);
  fields.string("namespace", call.space).string("id", call.id);
  const std::string_view input = kind == ir::ToolKind::custom ? "input" : "arguments";
  // Some clients echo arguments as the object they parsed.
  if (value[input].is_object()) {
    fields.json(input, call.input);
  } else {
    fields.string(input, call.input);
  }
  if (fields.error()) return fields.error();
  item.value = std::move(call);
  keep_extras(value, "type id call_id name namespace input arguments status", own, item.extras);
  request.items.push_back(std::move(item));
  return {};
}

std::optional<Error> decode_result(json::Value value, const Path& path, ir::ToolKind kind,
                                   ir::Request& request) {
  ir::Item item;
  ir::ToolResult result;
  result.kind = kind;
  Fields fields(value, path);
  fields.required_string("call_id", result.call_id).string("id", result.id);
  if (fields.error()) return fields.error();
  const json::Value output = value["output"];
  if (output.is_object()) {
    result.parts.push_back({ir::Text{output.text()}});
  } else if (auto error = decode_parts(output, Path{&path, "output"}, result.parts)) {
    return error;
  }
  item.value = std::move(result);
  keep_extras(value, "type id call_id output status", own, item.extras);
  request.items.push_back(std::move(item));
  return {};
}

}  // namespace

std::optional<Error> decode_parts(json::Value value, const Path& path, std::vector<ir::Part>& out) {
  if (!value) return {};
  if (const auto text = value.string()) {
    out.push_back({ir::Text{std::string(*text)}});
    return {};
  }
  if (!value.is_array()) return wrong_type(path, "a string or an array of parts");
  const std::size_t count = value.size();
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.emplace_back();
    if (auto error = decode_part(value.at(i), Path{&path, "", i}, out.back())) return error;
  }
  return {};
}

std::optional<Error> decode_item(json::Value value, const Path& path, ir::Request& request) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or(value["role"] ? "message" : "");
  if (type == "message") return decode_message(value, path, request);
  if (type == "reasoning") return decode_reasoning(value, path, request);
  if (type == "function_call") return decode_call(value, path, ir::ToolKind::function, request);
  if (type == "custom_tool_call") return decode_call(value, path, ir::ToolKind::custom, request);
  if (type == "function_call_output") {
    return decode_result(value, path, ir::ToolKind::function, request);
  }
  if (type == "custom_tool_call_output") {
    return decode_result(value, path, ir::ToolKind::custom, request);
  }
  if (type == "compaction") return decode_compaction(value, path, request);
  if (type == "additional_tools") {
    return decode_tools(value["tools"], Path{&path, "tools"}, request.tools);
  }
  if (type.empty()) return wrong_type(Path{&path, "type"}, "a string");
  ir::Unknown unknown{own, std::string(type), value.text()};
  // Without these the request means something else, so nobody else can serve it.
  unknown.vital = type == "item_reference";
  request.items.push_back({std::move(unknown)});
  return {};
}

}  // namespace tpool::protocol::responses
