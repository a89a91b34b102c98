#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/thinking.hpp"

namespace tpool::protocol::messages {

namespace {

std::optional<Error> decode_tool(json::Value value, const Path& path, ir::Request& request) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or("custom");
  ir::Tool tool;
  if (type != "custom") {
    tool.kind = ir::ToolKind::hosted;
    tool.name = type;
    tool.json = value.text();
    tool.protocol = own;
    request.tools.push_back(std::move(tool));
    return {};
  }
  Fields fields(value, path);
  fields.required_string("name", tool.name).string("description", tool.description);
  if (!value["input_schema"].is_object())
    return wrong_type(Path{&path, "input_schema"}, "an object");
  fields.json("input_schema", tool.schema).boolean("strict", tool.strict);
  if (fields.error()) return fields.error();
  // Unsaid means no here, and yes in other protocols.
  if (!tool.strict) tool.strict = false;
  keep_extras(value, "type name description input_schema strict", own, tool.extras);
  request.tools.push_back(std::move(tool));
  return {};
}

std::optional<Error> decode_tool_choice(json::Value value, const Path& path, ir::Request& request) {
  if (!value) return {};
  if (!value.is_object()) return wrong_type(path, "an object");
  using Mode = ir::ToolChoice::Mode;
  ir::ToolChoice& choice = request.tool_choice;
  const std::string_view type = value["type"].string_or("");
  Fields fields(value, path);
  if (type == "auto") {
    choice.mode = Mode::automatic;
  } else if (type == "any") {
    choice.mode = Mode::required;
  } else if (type == "none") {
    choice.mode = Mode::none;
  } else if (type == "tool") {
    choice.mode = Mode::one;
    fields.required_string("name", choice.name);
  } else {
    return wrong_type(Path{&path, "type"}, "auto, any, tool or none");
  }
  std::optional<bool> single;
  fields.boolean("disable_parallel_tool_use", single);
  if (single) request.parallel_tool_calls = !*single;
  return fields.error();
}

bool is_hosted(json::Value tools, std::string_view name) {
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const json::Value tool = tools.at(i);
    if (tool["name"].string_or("") == name) return tool["type"].string_or("custom") != "custom";
  }
  return false;
}

std::optional<Error> decode_thinking(json::Value root, const Path& top, ir::Request& request) {
  const json::Value thinking = root["thinking"];
  if (!thinking) return {};
  const Path path{&top, "thinking"};
  if (!thinking.is_object()) return wrong_type(path, "an object");
  keep_extras(thinking, "type budget_tokens display", own, request.extras, "thinking");
  const std::string_view type = thinking["type"].string_or("");
  if (type == "disabled") {
    request.effort = "none";
    return {};
  }
  if (type == "enabled") {
    std::optional<std::int64_t> budget;
    Fields fields(thinking, path);
    fields.integer("budget_tokens", budget);
    if (fields.error()) return fields.error();
    if (!budget || *budget < 1)
      return wrong_type(Path{&path, "budget_tokens"}, "a number of tokens");
    request.effort = effort_of_budget(*budget);
  } else if (type != "adaptive" && type != "between_tools") {
    return wrong_type(Path{&path, "type"}, "adaptive, enabled or disabled");
  }
  if (thinking["display"].string_or("") != "omitted") request.reasoning_summary = "auto";
  return {};
}

std::optional<Error> decode_output(json::Value root, const Path& top, ir::Request& request) {
  const json::Value config = root["output_config"];
  const Path path{&top, "output_config"};
  if (config && !config.is_object()) return wrong_type(path, "an object");
  std::string effort;
  Fields fields(config, path);
  fields.string("effort", effort);
  if (fields.error()) return fields.error();
  keep_extras(config, "effort format", own, request.extras, "output_config");
  // The model's own decision how long to think is a wish for exactly this effort.
  if (!effort.empty() && request.effort != "none") request.effort = effort;
  const json::Value format = config["format"] ? config["format"] : root["output_format"];
  if (!format) return {};
  const Path inside{&path, "format"};
  if (format["type"].string_or("") != "json_schema" || !format["schema"].is_object()) {
    return wrong_type(inside, "a json_schema format with a schema");
  }
  request.format.kind = ir::Format::Kind::json_schema;
  request.format.schema = format["schema"].text();
  request.format.strict = true;
  return {};
}

}  // namespace

std::optional<Error> decode_tools(json::Value root, const Path& top, ir::Request& request) {
  const json::Value tools = root["tools"];
  if (tools && !tools.is_array()) return wrong_type(Path{&top, "tools"}, "an array of tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    if (auto error = decode_tool(tools.at(i), Path{&top, "tools", i}, request)) return error;
  }
  ir::ToolChoice& choice = request.tool_choice;
  auto error = decode_tool_choice(root["tool_choice"], Path{&top, "tool_choice"}, request);
  if (!error && choice.mode == ir::ToolChoice::Mode::one && is_hosted(tools, choice.name)) {
    choice.kind = ir::ToolKind::hosted;
  }
  return error;
}

Result<ir::Request> decode_request(std::string_view body) {
  const auto document = parse_body(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  ir::Request request;
  const Path top;
  Fields fields(root, top);
  std::optional<bool> stream;
  fields.required_string("model", request.model).boolean("stream", stream);
  fields.integer("max_tokens", request.max_output);
  fields.number("temperature", request.temperature).number("top_p", request.top_p);
  if (fields.error()) return *fields.error();
  request.stream = stream.value_or(false);
  // Unsaid means no here, and yes in other protocols.
  request.store = false;
  if (auto error = decode_system(root["system"], Path{&top, "system"}, request)) return *error;
  if (auto error = decode_messages(root["messages"], Path{&top, "messages"}, request)) {
    return *error;
  }
  const json::Value turns = root["messages"];
  request.prefilled =
      turns.size() > 0 && turns.at(turns.size() - 1)["role"].string_or("") == "assistant";
  if (auto error = decode_tools(root, top, request)) return *error;
  if (auto error = decode_thinking(root, top, request)) return *error;
  if (auto error = decode_output(root, top, request)) return *error;
  fields.strings("stop_sequences", request.stop);
  if (fields.error()) return *fields.error();
  keep_extras(root,
              "model messages system stream max_tokens temperature top_p tools tool_choice "
              "thinking output_config output_format stop_sequences",
              own, request.extras);
  return request;
}

}  // namespace tpool::protocol::messages
