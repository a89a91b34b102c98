#include "core/ir/summary.hpp"
#include "core/protocol/responses/request.hpp"

namespace tpool::protocol::responses {

namespace {

constexpr Protocol own = Protocol::responses;

std::optional<Error> decode_tool(json::Value value, const Path& path, const ir::Tool* space,
                                 std::vector<ir::Tool>& out) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or("");
  if (type == "namespace" && space == nullptr) {
    ir::Tool outer;
    Fields fields(value, path);
    fields.required_string("name", outer.space).string("description", outer.space_description);
    if (fields.error()) return fields.error();
    const json::Value tools = value["tools"];
    for (std::size_t i = 0; i < tools.size(); ++i) {
      if (auto error = decode_tool(tools.at(i), Path{&path, "tools", i}, &outer, out)) return error;
    }
    return {};
  }
  ir::Tool tool;
  if (space != nullptr) {
    tool.space = space->space;
    tool.space_description = space->space_description;
  }
  Fields fields(value, path);
  if (type == "function") {
    fields.required_string("name", tool.name).string("description", tool.description);
    const json::Value parameters = value["parameters"];
    if (parameters && !parameters.is_object())
      return wrong_type(Path{&path, "parameters"}, "an object");
    fields.json("parameters", tool.schema).boolean("strict", tool.strict);
    keep_extras(value, "type name description parameters strict", own, tool.extras);
  } else if (type == "custom") {
    tool.kind = ir::ToolKind::custom;
    fields.required_string("name", tool.name).string("description", tool.description);
    fields.json("format", tool.format);
    keep_extras(value, "type name description format", own, tool.extras);
  } else if (!type.empty()) {
    tool.kind = ir::ToolKind::hosted;
    tool.name = type;
    tool.json = value.text();
  } else {
    return wrong_type(Path{&path, "type"}, "a string");
  }
  if (fields.error()) return fields.error();
  out.push_back(std::move(tool));
  return {};
}

std::optional<Error> decode_format(json::Value text, const Path& path, ir::Request& request) {
  if (!text) return {};
  if (!text.is_object()) return wrong_type(path, "an object");
  Fields fields(text, path);
  fields.string("verbosity", request.verbosity);
  if (fields.error()) return fields.error();
  keep_extras(text, "verbosity format", own, request.extras, "text");
  const json::Value format = text["format"];
  if (!format) return {};
  const Path inside{&path, "format"};
  const std::string_view type = format["type"].string_or("");
  if (type == "json_object") {
    request.format.kind = ir::Format::Kind::json_object;
  } else if (type == "json_schema") {
    request.format.kind = ir::Format::Kind::json_schema;
    Fields schema(format, inside);
    schema.string("name", request.format.name).string("description", request.format.description);
    schema.json("schema", request.format.schema).boolean("strict", request.format.strict);
    if (schema.error()) return schema.error();
  } else if (type != "text") {
    return wrong_type(Path{&inside, "type"}, "text, json_object or json_schema");
  }
  return {};
}

bool is_trigger(json::Value item) { return item["type"].string_or("") == "compaction_trigger"; }

std::optional<Error> decode_input(json::Value root, const Path& path, ir::Request& request) {
  const json::Value input = root["input"];
  const Path at{&path, "input"};
  if (const auto text = input.string()) {
    ir::Message message{ir::Role::user, {{ir::Text{std::string(*text)}}}};
    request.items.push_back({std::move(message)});
    return {};
  }
  if (!input) {
    // A stored prompt or an earlier answer may be all there is to say.
    if (root["prompt"] || root["previous_response_id"] || !request.items.empty()) return {};
    return wrong_type(at, "a string or an array of items");
  }
  if (!input.is_array()) return wrong_type(at, "a string or an array of items");
  const std::size_t count = input.size();
  request.items.reserve(request.items.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    const Path place{&path, "input", i};
    if (is_trigger(input.at(i))) {
      if (i + 1 == count) continue;
      return invalid(place.text() + " is a compaction_trigger, which must be the last item");
    }
    if (auto error = decode_item(input.at(i), place, request)) return error;
  }
  return {};
}

}  // namespace

std::optional<Error> decode_tools(json::Value list, const Path& path, std::vector<ir::Tool>& out) {
  if (!list) return {};
  if (!list.is_array()) return wrong_type(path, "an array of tools");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto error = decode_tool(list.at(i), Path{&path, "", i}, nullptr, out)) return error;
  }
  return {};
}

std::optional<Error> decode_tool_choice(json::Value value, const Path& path, ir::Request& request) {
  if (!value) return {};
  ir::ToolChoice& choice = request.tool_choice;
  using Mode = ir::ToolChoice::Mode;
  if (const auto word = value.string()) {
    if (*word == "auto") {
      choice.mode = Mode::automatic;
    } else if (*word == "none") {
      choice.mode = Mode::none;
    } else if (*word == "required") {
      choice.mode = Mode::required;
    } else {
      return wrong_type(path, "auto, none, required or an object");
    }
    return {};
  }
  if (!value.is_object()) return wrong_type(path, "a string or an object");
  const std::string_view type = value["type"].string_or("");
  if (type == "function" || type == "custom") {
    choice.mode = Mode::one;
    choice.kind = type == "custom" ? ir::ToolKind::custom : ir::ToolKind::function;
    Fields fields(value, path);
    fields.required_string("name", choice.name).string("namespace", choice.space);
    return fields.error();
  }
  if (type == "allowed_tools") {
    choice.mode = value["mode"].string_or("auto") == "required" ? Mode::required : Mode::automatic;
    request.extras.push_back({own, "tool_choice", value.text()});
    return {};
  }
  choice.mode = Mode::one;
  choice.kind = ir::ToolKind::hosted;
  choice.name = type;
  request.extras.push_back({own, "tool_choice", value.text()});
  return {};
}

Result<ir::Request> decode_request(std::string_view body) {
  const auto document = parse_body(body);
  if (!document) return document.error();
  const json::Value root = document->root();

  ir::Request request;
  const Path top;
  Fields fields(root, top);
  std::optional<bool> stream;
  std::string instructions;
  fields.required_string("model", request.model).boolean("stream", stream);
  fields.boolean("parallel_tool_calls", request.parallel_tool_calls);
  fields.integer("max_output_tokens", request.max_output);
  fields.number("temperature", request.temperature).number("top_p", request.top_p);
  fields.string("prompt_cache_key", request.cache_key);
  fields.string("service_tier", request.service_tier).boolean("store", request.store);
  fields.string("previous_response_id", request.previous_response_id);
  // Some clients send a list here; it is then a list of items.
  if (!root["instructions"].is_array()) fields.string("instructions", instructions);
  if (fields.error()) return *fields.error();
  request.stream = stream.value_or(false);

  if (const json::Value reasoning = root["reasoning"]) {
    const Path path{&top, "reasoning"};
    if (!reasoning.is_object()) return wrong_type(path, "an object");
    Fields inside(reasoning, path);
    inside.string("effort", request.effort).string("summary", request.reasoning_summary);
    if (inside.error()) return *inside.error();
    keep_extras(reasoning, "effort summary", own, request.extras, "reasoning");
  }
  if (auto error = decode_format(root["text"], Path{&top, "text"}, request)) return *error;
  if (!instructions.empty()) {
    ir::Message system{ir::Role::system, {{ir::Text{std::move(instructions)}}}};
    request.items.push_back({std::move(system)});
  }
  if (root["instructions"].is_array()) {
    const json::Value list = root["instructions"];
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (auto error = decode_item(list.at(i), Path{&top, "instructions", i}, request)) {
        return *error;
      }
    }
  }
  if (auto error = decode_tools(root["tools"], Path{&top, "tools"}, request.tools)) return *error;
  if (auto error = decode_input(root, top, request)) return *error;
  if (auto error = decode_tool_choice(root["tool_choice"], Path{&top, "tool_choice"}, request)) {
    return *error;
  }
  const json::Value input = root["input"];
  if (input.is_array() && input.size() > 0 && is_trigger(input.at(input.size() - 1)))
    ir::ask_for_summary(request);
  keep_extras(root,
              "model stream input instructions tools tool_choice parallel_tool_calls reasoning "
              "text max_output_tokens temperature top_p prompt_cache_key service_tier store "
              "previous_response_id",
              own, request.extras);
  return request;
}

}  // namespace tpool::protocol::responses
