#include "core/json/write.hpp"
#include "core/protocol/chat/request.hpp"

namespace tpool::protocol::chat {

namespace {

constexpr Protocol own = Protocol::chat;

std::optional<Error> decode_function(json::Value value, const Path& path, ir::Request& request) {
  if (!value.is_object()) return wrong_type(path, "an object");
  ir::Tool tool;
  Fields fields(value, path);
  fields.required_string("name", tool.name).string("description", tool.description);
  fields.json("parameters", tool.schema).boolean("strict", tool.strict);
  if (fields.error()) return fields.error();
  // Unsaid means no here, and yes in other protocols.
  if (!tool.strict) tool.strict = false;
  keep_extras(value, "name description parameters strict", own, tool.extras);
  request.tools.push_back(std::move(tool));
  return {};
}

std::optional<Error> decode_custom(json::Value value, const Path& path, ir::Request& request) {
  ir::Tool tool;
  tool.kind = ir::ToolKind::custom;
  Fields fields(value, path);
  fields.required_string("name", tool.name).string("description", tool.description);
  if (fields.error()) return fields.error();
  const json::Value format = value["format"];
  if (const json::Value grammar = format["grammar"]) {
    json::Writer writer(tool.format);
    writer.begin_object().member("type", "grammar");
    writer.member("syntax", grammar["syntax"].string_or(""));
    writer.member("definition", grammar["definition"].string_or("")).end_object();
  } else if (format) {
    tool.format = format.text();
  }
  request.tools.push_back(std::move(tool));
  return {};
}

std::optional<Error> decode_tool_choice(json::Value value, const Path& path, ir::Request& request) {
  if (!value) return {};
  using Mode = ir::ToolChoice::Mode;
  ir::ToolChoice& choice = request.tool_choice;
  if (const auto word = value.string()) {
    if (*word == "auto") {
      choice.mode = Mode::automatic;
    } else if (*word == "none") {
      choice.mode = Mode::none;
    } else if (*word == "required" || *word == "any") {
      choice.mode = Mode::required;
    } else {
      return wrong_type(path, "auto, none, required or an object");
    }
    return {};
  }
  if (!value.is_object()) return wrong_type(path, "a string or an object");
  if (value["allowed_tools"]) {
    const bool must = value["allowed_tools"]["mode"].string_or("") == "required";
    choice.mode = must ? Mode::required : Mode::automatic;
    request.extras.push_back({own, "tool_choice", value.text()});
    return {};
  }
  const bool custom = value["custom"].is_object();
  // `function_call` names the function one level up.
  const json::Value named = custom                          ? value["custom"]
                            : value["function"].is_object() ? value["function"]
                                                            : value;
  choice.mode = Mode::one;
  choice.kind = custom ? ir::ToolKind::custom : ir::ToolKind::function;
  Fields fields(named, path);
  fields.required_string("name", choice.name);
  return fields.error();
}

std::optional<Error> decode_format(json::Value format, const Path& path, ir::Request& request) {
  if (!format) return {};
  const std::string_view type = format["type"].string_or("");
  if (type == "json_object") {
    request.format.kind = ir::Format::Kind::json_object;
  } else if (type == "json_schema") {
    const Path inside{&path, "json_schema"};
    const json::Value schema = format["json_schema"];
    if (!schema.is_object()) return wrong_type(inside, "an object");
    request.format.kind = ir::Format::Kind::json_schema;
    Fields fields(schema, inside);
    fields.string("name", request.format.name).string("description", request.format.description);
    fields.json("schema", request.format.schema).boolean("strict", request.format.strict);
    return fields.error();
  } else if (type != "text") {
    return wrong_type(Path{&path, "type"}, "text, json_object or json_schema");
  }
  return {};
}

std::optional<Error> decode_scalars(json::Value root, const Path& top, ir::Request& request) {
  Fields fields(root, top);
  std::optional<bool> stream;
  std::optional<std::int64_t> n;
  fields.required_string("model", request.model).boolean("stream", stream).integer("n", n);
  // The newer name wins where a client sends both.
  fields.integer("max_tokens", request.max_output);
  fields.integer("max_completion_tokens", request.max_output);
  fields.number("temperature", request.temperature).number("top_p", request.top_p);
  fields.string("reasoning_effort", request.effort).string("verbosity", request.verbosity);
  fields.boolean("parallel_tool_calls", request.parallel_tool_calls);
  fields.string("prompt_cache_key", request.cache_key).string("service_tier", request.service_tier);
  fields.boolean("store", request.store);
  if (const auto word = root["stop"].string()) {
    request.stop.emplace_back(*word);
  } else {
    fields.strings("stop", request.stop);
  }
  if (fields.error()) return fields.error();
  if (n.value_or(1) != 1) {
    return invalid("n must be 1: tpool serves one answer per request",
                   "send the request once for each answer you want");
  }
  request.stream = stream.value_or(false);
  const json::Value reasoning = root["reasoning"];
  if (request.effort.empty()) request.effort = reasoning["effort"].string_or("");
  if (request.effort.empty() && !reasoning["enabled"].boolean().value_or(true))
    request.effort = "none";
  keep_extras(reasoning, "effort enabled", own, request.extras, "reasoning");
  // Unsaid means no here, and yes in other protocols.
  if (!request.store) request.store = false;
  request.usage_wanted = !request.stream;
  if (const json::Value options = root["stream_options"]) {
    const Path path{&top, "stream_options"};
    if (!options.is_object()) return wrong_type(path, "an object");
    std::optional<bool> wanted;
    Fields inside(options, path);
    inside.boolean("include_usage", wanted);
    if (inside.error()) return inside.error();
    if (request.stream) request.usage_wanted = wanted.value_or(false);
  }
  return {};
}

}  // namespace

std::optional<Error> decode_tools(json::Value root, const Path& top, ir::Request& request) {
  const json::Value tools = root["tools"];
  if (tools && !tools.is_array()) return wrong_type(Path{&top, "tools"}, "an array of tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const Path path{&top, "tools", i};
    const json::Value tool = tools.at(i);
    const std::string_view type = tool["type"].string_or("");
    std::optional<Error> error;
    if (type == "function") {
      error = decode_function(tool["function"], Path{&path, "function"}, request);
    } else if (type == "custom" && tool["custom"].is_object()) {
      error = decode_custom(tool["custom"], Path{&path, "custom"}, request);
    } else if (!type.empty()) {
      ir::Tool hosted;
      hosted.kind = ir::ToolKind::hosted;
      hosted.name = type;
      hosted.json = tool.text();
      hosted.protocol = own;
      request.tools.push_back(std::move(hosted));
    } else {
      error = wrong_type(Path{&path, "type"}, "a string");
    }
    if (error) return error;
  }
  const json::Value functions = root["functions"];
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (auto error = decode_function(functions.at(i), Path{&top, "functions", i}, request)) {
      return error;
    }
  }
  // Such a client can be told of one call only.
  if (functions.size() > 0 && !root["tools"]) request.parallel_tool_calls = false;
  const std::string_view choice = root["tool_choice"] ? "tool_choice" : "function_call";
  return decode_tool_choice(root[choice], Path{&top, choice}, request);
}

Result<ir::Request> decode_request(std::string_view body) {
  const auto document = parse_body(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  ir::Request request;
  const Path top;
  if (auto error = decode_scalars(root, top, request)) return *error;
  if (auto error = decode_messages(root["messages"], Path{&top, "messages"}, request)) {
    return *error;
  }
  if (auto error = decode_tools(root, top, request)) return *error;
  if (auto error = decode_format(root["response_format"], Path{&top, "response_format"}, request)) {
    return *error;
  }
  keep_extras(root,
              "model messages stream stream_options n max_tokens max_completion_tokens temperature "
              "top_p reasoning_effort reasoning verbosity parallel_tool_calls prompt_cache_key "
              "service_tier store tools tool_choice functions function_call response_format stop",
              own, request.extras);
  return request;
}

}  // namespace tpool::protocol::chat
