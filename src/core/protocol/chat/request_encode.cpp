#include <algorithm>

#include "core/protocol/chat/request.hpp"
#include "core/protocol/effort.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/sampling.hpp"
#include "core/protocol/tool_input.hpp"
#include "core/protocol/tool_schema.hpp"

namespace tpool::protocol::chat {

namespace {

constexpr Protocol own = Protocol::chat;
using Action = ir::Loss::Action;

// More are refused.
constexpr std::size_t max_stops = 4;

void write_function(json::Writer& writer, const ir::Tool& tool, const Target& target,
                    Encoded& encoded) {
  const bool custom = tool.kind == ir::ToolKind::custom;
  const bool strict =
      target.dialect.strict_tools && tool.strict.value_or(false) && is_closed_schema(tool.schema);
  writer.begin_object().member("type", "function").key("function").begin_object();
  writer.member("name", encoded.names.wire(tool.space, tool.name));
  const std::string description = custom ? custom_description(tool) : tool.description;
  if (!description.empty()) writer.member("description", description);
  if (custom) {
    ir::add_loss(encoded.losses, "tools.custom", Action::approximated);
    writer.key("parameters").raw(custom_schema());
  } else {
    std::string_view schema = tool.schema;
    if (schema.empty() || schema == "{}") schema = R"({"type":"object","properties":{}})";
    writer.key("parameters");
    if (target.dialect.empty_required) {
      writer.raw(schema);
    } else {
      writer.raw(without_empty_required(schema));
    }
    // Not strict is what a provider does unasked.
    if (strict) writer.member("strict", true);
  }
  write_extras(writer, tool.extras, own);
  count_tool_losses(tool, own, strict, encoded.losses);
  writer.end_object().end_object();
}

void write_tool_choice(json::Writer& writer, const ir::ToolChoice& choice, Encoded& encoded) {
  using Mode = ir::ToolChoice::Mode;
  switch (choice.mode) {
    case Mode::unset: return;
    case Mode::automatic: writer.member("tool_choice", "auto"); return;
    case Mode::none: writer.member("tool_choice", "none"); return;
    case Mode::required: writer.member("tool_choice", "required"); return;
    case Mode::one: break;
  }
  if (choice.kind == ir::ToolKind::hosted) {
    ir::add_loss(encoded.losses, "tool_choice", Action::dropped);
    return;
  }
  writer.key("tool_choice").begin_object().member("type", "function").key("function");
  writer.begin_object().member("name", encoded.names.wire(choice.space, choice.name));
  writer.end_object().end_object();
}

void write_effort(json::Writer& writer, const ir::Request& request, const Target& target,
                  Encoded& encoded) {
  const Dialect& dialect = target.dialect;
  const std::string effort = fitting_effort(request.effort, target);
  count_idle_effort(request, target, encoded.losses);
  if (effort.empty()) return;
  const bool levels = dialect.effort == "reasoning_effort" || dialect.effort == "reasoning";
  if (levels && effort != request.effort && !dialect.effort_map.contains(request.effort)) {
    ir::add_loss(encoded.losses, "reasoning.effort", Action::approximated);
  }
  if (dialect.effort == "reasoning_effort") {
    writer.member("reasoning_effort", effort);
  } else if (dialect.effort == "reasoning") {
    writer.key("reasoning").begin_object().member("effort", effort).end_object();
  } else if (dialect.effort == "thinking") {
    // Only a switch: the level itself is lost.
    ir::add_loss(encoded.losses, "reasoning.effort", Action::approximated);
    writer.key("thinking").begin_object();
    writer.member("type", is_off(effort) ? "disabled" : "enabled").end_object();
  } else if (dialect.effort == "enable_thinking") {
    ir::add_loss(encoded.losses, "reasoning.effort", Action::approximated);
    writer.member("enable_thinking", !is_off(effort));
  } else {
    ir::add_loss(encoded.losses, "reasoning.effort", Action::dropped);
  }
}

// response_format, as far as the provider has it; the rest is said in words.
void write_format(json::Writer& writer, const ir::Format& format, const Dialect& dialect,
                  std::vector<ir::Loss>& losses) {
  using Kind = ir::Format::Kind;
  if (format.kind == Kind::text || dialect.json_schema == "none") return;
  writer.key("response_format").begin_object();
  if (format.kind == Kind::json_object || dialect.json_schema == "json_object") {
    writer.member("type", "json_object").end_object();
    return;
  }
  writer.member("type", "json_schema").key("json_schema").begin_object();
  writer.member("name", format.name.empty() ? "answer" : std::string_view(format.name));
  if (!format.description.empty()) writer.member("description", format.description);
  writer.key("schema").raw(format.schema.empty() ? "{}" : std::string_view(format.schema));
  if (format.strict) writer.member("strict", fitting_strictness(format, losses));
  writer.end_object().end_object();
}

std::string format_note(const ir::Format& format, const Dialect& dialect, Encoded& encoded) {
  using Kind = ir::Format::Kind;
  const bool schema = format.kind == Kind::json_schema && dialect.json_schema != "native";
  const bool object = format.kind == Kind::json_object && dialect.json_schema == "none";
  if (!schema && !object) return {};
  ir::add_loss(encoded.losses, "text.format", Action::approximated);
  return json_in_words(format);
}

void write_limits(json::Writer& writer, const ir::Request& request, const Target& target,
                  Encoded& encoded) {
  if (request.max_output && !target.dialect.max_tokens_field.empty()) {
    const std::int64_t limit =
        target.max_output ? std::min(*request.max_output, *target.max_output) : *request.max_output;
    writer.member(target.dialect.max_tokens_field, limit);
  }
  const Sampling wanted = sampling_of(request, target.dialect.sampling, encoded.losses);
  if (wanted.temperature) writer.member("temperature", *wanted.temperature);
  if (wanted.top_p) writer.member("top_p", *wanted.top_p);
  if (!request.stop.empty()) {
    writer.key("stop").begin_array();
    for (std::size_t i = 0; i < std::min(request.stop.size(), max_stops); ++i) {
      writer.string(request.stop[i]);
    }
    writer.end_array();
    if (request.stop.size() > max_stops) ir::add_loss(encoded.losses, "stop", Action::dropped);
  }
}

}  // namespace

void write_tools(json::Writer& writer, const ir::Request& request, const Target& target,
                 Encoded& encoded) {
  bool any = false;
  for (const ir::Tool& tool : request.tools) {
    if (tool.kind == ir::ToolKind::hosted) {
      lose_named(encoded.losses, "tools.", tool.name, Action::dropped);
      continue;
    }
    if (!any) writer.key("tools").begin_array();
    any = true;
    write_function(writer, tool, target, encoded);
  }
  // Providers refuse an empty list, and a choice or parallelism of nothing.
  if (!any) return;
  writer.end_array();
  write_tool_choice(writer, request.tool_choice, encoded);
  if (!request.parallel_tool_calls) return;
  if (target.dialect.parallel_tool_calls) {
    writer.member("parallel_tool_calls", *request.parallel_tool_calls);
  } else if (!*request.parallel_tool_calls) {
    ir::add_loss(encoded.losses, "parallel_tool_calls", Action::dropped);
  }
}

Encoded encode_request(const ir::Request& request, const Target& target) {
  Encoded encoded;
  const Dialect& dialect = target.dialect;
  encoded.names = ir::ToolNames(request, dialect.tool_name_length);
  count_space_losses(request.tools, encoded.losses);
  const std::string note = format_note(request.format, dialect, encoded);

  json::Writer writer(encoded.body);
  writer.begin_object().member("model", target.model);
  write_messages(writer, request, target, note, encoded);
  write_tools(writer, request, target, encoded);
  write_format(writer, request.format, dialect, encoded.losses);
  write_effort(writer, request, target, encoded);
  write_limits(writer, request, target, encoded);
  if (!request.verbosity.empty()) {
    if (dialect.verbosity) {
      writer.member("verbosity", request.verbosity);
    } else {
      ir::add_loss(encoded.losses, "text.verbosity", Action::dropped);
    }
  }
  if (!request.cache_key.empty() && dialect.prompt_cache_key) {
    writer.member("prompt_cache_key", request.cache_key);
  }
  if (!request.previous_response_id.empty()) {
    ir::add_loss(encoded.losses, "previous_response_id", Action::refused);
  }
  write_extras(writer, request.extras, own);
  count_foreign_extras(request.extras, own, encoded.losses);
  count_part_losses(request.items, own, encoded.losses);
  if (request.prefilled) ir::add_loss(encoded.losses, "messages.prefill", Action::approximated);
  writer.member("stream", request.stream);
  if (request.stream && dialect.stream_options) {
    writer.key("stream_options").begin_object().member("include_usage", true).end_object();
  }
  writer.end_object();
  return encoded;
}

}  // namespace tpool::protocol::chat
