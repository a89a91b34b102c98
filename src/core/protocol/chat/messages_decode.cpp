#include <unordered_map>

#include "core/json/write.hpp"
#include "core/protocol/chat/request.hpp"

namespace tpool::protocol::chat {

namespace {

constexpr Protocol own = Protocol::chat;

// What the results further on refer to.
struct CallsMade {
  std::unordered_map<std::string, ir::ToolKind> kinds = {};      // by call id
  std::unordered_map<std::string, std::string> legacy_ids = {};  // by function name

  void add(const ir::ToolCall& call) { kinds[call.call_id] = call.kind; }
};

std::optional<Error> decode_part(json::Value value, const Path& path, ir::Part& part) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or("");
  Fields fields(value, path);
  if (type == "text" || type == "input_text" || type == "output_text") {
    ir::Text text;
    fields.required_string("text", text.text);
    part.value = std::move(text);
  } else if (type == "refusal") {
    ir::Refusal refusal;
    fields.required_string("refusal", refusal.text);
    part.value = std::move(refusal);
  } else if (type == "image_url") {
    const json::Value inner = value["image_url"];
    ir::Image image;
    image.url = inner.is_string() ? inner.string_or("") : inner["url"].string_or("");
    image.detail = inner["detail"].string_or("");
    if (image.url.empty()) return wrong_type(Path{&path, "image_url"}, "an object with a url");
    part.value = std::move(image);
  } else if (type == "input_audio" && value["input_audio"].is_object()) {
    ir::Audio audio;
    const Path inside{&path, "input_audio"};
    Fields audio_fields(value["input_audio"], inside);
    audio_fields.required_string("data", audio.data).string("format", audio.format);
    if (audio_fields.error()) return audio_fields.error();
    part.value = std::move(audio);
  } else if (type == "file" && value["file"].is_object()) {
    ir::File file;
    const Path inside{&path, "file"};
    Fields file_fields(value["file"], inside);
    file_fields.string("file_data", file.url).string("file_id", file.id);
    file_fields.string("filename", file.name);
    if (file_fields.error()) return file_fields.error();
    part.value = std::move(file);
  } else if (type.empty()) {
    return wrong_type(Path{&path, "type"}, "a string");
  } else {
    part.extras.push_back({own, "", value.text()});
    return {};
  }
  if (const json::Value mark = value["cache_control"]) part.cache_mark = mark.text();
  return fields.error();
}

std::optional<Error> decode_content(json::Value value, const Path& path,
                                    std::vector<ir::Part>& out) {
  if (!value) return {};
  if (const auto text = value.string()) {
    if (!text->empty()) out.push_back({ir::Text{std::string(*text)}});
    return {};
  }
  if (!value.is_array()) return wrong_type(path, "a string or an array of parts");
  for (std::size_t i = 0; i < value.size(); ++i) {
    out.emplace_back();
    if (auto error = decode_part(value.at(i), Path{&path, "", i}, out.back())) return error;
  }
  return {};
}

// The reasoning a client gives back, sealed without an origin: it does not say who made it.
void decode_reasoning(json::Value message, ir::Request& request) {
  std::string text(message["reasoning_content"].string_or(message["reasoning"].string_or("")));
  const json::Value details = message["reasoning_details"];
  if (text.empty() && details.size() == 0) return;
  ir::Opaque opaque{{}, {}, std::string(sealed_kind), {}};
  json::Writer writer(opaque.data);
  writer.begin_object();
  if (!text.empty()) writer.member("text", text);
  if (details.size() > 0) writer.key("reasoning_details").raw(details.text());
  writer.end_object();
  ir::Reasoning reasoning;
  reasoning.text = std::move(text);
  reasoning.opaque = std::move(opaque);
  request.items.push_back({std::move(reasoning)});
}

std::optional<Error> decode_call(json::Value value, const Path& path, CallsMade& made,
                                 ir::Request& request) {
  if (!value.is_object()) return wrong_type(path, "an object");
  ir::ToolCall call;
  const bool custom = value["custom"].is_object();
  const std::string_view inner = custom ? "custom" : "function";
  const Path inside{&path, inner};
  if (!value[inner].is_object()) return wrong_type(inside, "an object");
  call.kind = custom ? ir::ToolKind::custom : ir::ToolKind::function;
  Fields fields(value, path);
  fields.string("id", call.call_id);
  Fields function(value[inner], inside);
  function.required_string("name", call.name);
  const std::string_view input = custom ? "input" : "arguments";
  if (value[inner][input].is_object()) {
    function.json(input, call.input);
  } else {
    function.string(input, call.input);
  }
  if (fields.error()) return fields.error();
  if (function.error()) return function.error();
  made.add(call);
  request.items.push_back({std::move(call)});
  return {};
}

std::optional<Error> decode_assistant(json::Value message, const Path& path, CallsMade& made,
                                      ir::Request& request) {
  decode_reasoning(message, request);
  ir::Message said;
  said.role = ir::Role::assistant;
  if (auto error = decode_content(message["content"], Path{&path, "content"}, said.parts)) {
    return error;
  }
  if (const auto refusal = message["refusal"].string(); refusal && !refusal->empty()) {
    said.parts.push_back({ir::Refusal{std::string(*refusal)}});
  }
  ir::Item item;
  keep_extras(message,
              "role content refusal tool_calls function_call reasoning_content reasoning "
              "reasoning_details annotations",
              own, item.extras);
  const json::Value calls = message["tool_calls"];
  if (calls && !calls.is_array()) return wrong_type(Path{&path, "tool_calls"}, "an array");
  const bool legacy = message["function_call"].is_object();
  if (!said.parts.empty() || !item.extras.empty() || (calls.size() == 0 && !legacy)) {
    item.value = std::move(said);
    request.items.push_back(std::move(item));
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (auto error = decode_call(calls.at(i), Path{&path, "tool_calls", i}, made, request)) {
      return error;
    }
  }
  if (legacy) {
    ir::ToolCall call;
    const Path inside{&path, "function_call"};
    Fields fields(message["function_call"], inside);
    fields.required_string("name", call.name).string("arguments", call.input);
    if (fields.error()) return fields.error();
    // The legacy form has no ids: its result names the function.
    call.call_id = "call_" + std::to_string(request.items.size());
    made.legacy_ids[call.name] = call.call_id;
    request.items.push_back({std::move(call)});
  }
  return {};
}

std::optional<Error> decode_result(json::Value message, const Path& path, bool legacy,
                                   const CallsMade& made, ir::Request& request) {
  ir::ToolResult result;
  Fields fields(message, path);
  if (legacy) {
    std::string name;
    fields.required_string("name", name);
    const auto call = made.legacy_ids.find(name);
    result.call_id = call == made.legacy_ids.end() ? "call_" + name : call->second;
  } else {
    fields.required_string("tool_call_id", result.call_id);
  }
  if (fields.error()) return fields.error();
  if (auto error = decode_content(message["content"], Path{&path, "content"}, result.parts)) {
    return error;
  }
  // The kind of a result is that of its call.
  if (const auto call = made.kinds.find(result.call_id); call != made.kinds.end())
    result.kind = call->second;
  request.items.push_back({std::move(result)});
  return {};
}

std::optional<Error> decode_message(json::Value message, const Path& path, CallsMade& made,
                                    ir::Request& request) {
  if (!message.is_object()) return wrong_type(path, "an object");
  const std::string_view role = message["role"].string_or("");
  if (role == "assistant") return decode_assistant(message, path, made, request);
  if (role == "tool") return decode_result(message, path, false, made, request);
  if (role == "function") return decode_result(message, path, true, made, request);
  ir::Item item;
  ir::Message said;
  if (role == "system") {
    said.role = ir::Role::system;
  } else if (role == "developer") {
    said.role = ir::Role::developer;
  } else if (role != "user") {
    return wrong_type(Path{&path, "role"}, "system, developer, user, assistant or tool");
  }
  if (auto error = decode_content(message["content"], Path{&path, "content"}, said.parts)) {
    return error;
  }
  item.value = std::move(said);
  keep_extras(message, "role content", own, item.extras);
  request.items.push_back(std::move(item));
  return {};
}

}  // namespace

std::optional<Error> decode_messages(json::Value list, const Path& path, ir::Request& request) {
  if (!list.is_array()) return wrong_type(path, "an array of messages");
  if (list.size() == 0) return invalid(path.text() + " is empty: there is nothing to answer");
  request.items.reserve(list.size());
  CallsMade made;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto error = decode_message(list.at(i), Path{path.parent, path.name, i}, made, request)) {
      return error;
    }
  }
  return {};
}

}  // namespace tpool::protocol::chat
