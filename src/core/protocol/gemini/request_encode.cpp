#include <algorithm>
#include <charconv>
#include <limits>

#include "core/protocol/effort.hpp"
#include "core/protocol/fields.hpp"
#include "core/protocol/gemini/request.hpp"
#include "core/protocol/gemini/schema.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/sampling.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::gemini {

namespace {

constexpr Protocol own = Protocol::gemini;
using Action = ir::Loss::Action;

// Gemini takes five.
constexpr std::size_t max_stops = 5;

bool takes_json_schema(const Dialect& dialect) { return dialect.schemas == "json_schema"; }

void write_function(json::Writer& writer, const ir::Tool& tool, const Target& target,
                    Encoded& encoded) {
  const bool custom = tool.kind == ir::ToolKind::custom;
  const std::string description = custom ? custom_description(tool) : tool.description;
  const std::string_view schema = custom ? custom_schema() : std::string_view(tool.schema);
  if (custom) ir::add_loss(encoded.losses, "tools.custom", Action::approximated);
  writer.begin_object().member("name", encoded.names.wire(tool.space, tool.name));
  if (!description.empty()) writer.member("description", description);
  if (takes_json_schema(target.dialect)) {
    if (!schema.empty() && schema != "{}") writer.key("parametersJsonSchema").raw(schema);
  } else if (const auto said = parameters_schema(schema, encoded.losses); !said.empty()) {
    writer.key("parameters").raw(said);
  }
  writer.end_object();
  count_tool_losses(tool, own, false, encoded.losses);
}

void write_tool_choice(json::Writer& writer, const ir::ToolChoice& choice, Encoded& encoded) {
  using Mode = ir::ToolChoice::Mode;
  if (choice.mode == Mode::unset) return;
  if (choice.mode == Mode::one && choice.kind == ir::ToolKind::hosted) {
    ir::add_loss(encoded.losses, "tool_choice", Action::dropped);
    return;
  }
  const char* mode = choice.mode == Mode::automatic ? "AUTO"
                     : choice.mode == Mode::none    ? "NONE"
                                                    : "ANY";
  writer.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  writer.member("mode", mode);
  if (choice.mode == Mode::one) {
    writer.key("allowedFunctionNames").begin_array();
    writer.string(encoded.names.wire(choice.space, choice.name)).end_array();
  }
  writer.end_object().end_object();
}

// How the wish for JSON is told: by the API, or in the words that are returned.
std::string format_note(const ir::Request& request, const Dialect& dialect, bool& native,
                        Encoded& encoded) {
  using Kind = ir::Format::Kind;
  const ir::Format& format = request.format;
  if (format.kind == Kind::text) return {};
  const bool tools = std::any_of(request.tools.begin(), request.tools.end(), [](const auto& tool) {
    return tool.kind != ir::ToolKind::hosted;
  });
  native = dialect.json_schema != "none" && (dialect.json_with_tools || !tools);
  const bool schema_native = native && dialect.json_schema == "native";
  if (format.kind == Kind::json_object ? native : schema_native) return {};
  ir::add_loss(encoded.losses, "text.format", Action::approximated);
  return json_in_words(format);
}

void write_format(json::Writer& writer, const ir::Format& format, const Dialect& dialect,
                  Encoded& encoded) {
  writer.member("responseMimeType", "application/json");
  if (format.kind != ir::Format::Kind::json_schema || dialect.json_schema != "native") return;
  if (format.schema.empty()) return;
  if (takes_json_schema(dialect)) {
    writer.key("responseJsonSchema").raw(format.schema);
  } else if (const auto said = response_schema(format.schema, encoded.losses); !said.empty()) {
    writer.key("responseSchema").raw(said);
  }
}

// Tokens for a level, as Google's own compatibility layer counts them; a number stands for itself.
std::int64_t budget_of(std::string_view effort) {
  std::int64_t number = 0;
  const auto read = std::from_chars(effort.data(), effort.data() + effort.size(), number);
  if (read.ec == std::errc() && read.ptr == effort.data() + effort.size()) return number;
  if (effort == "none") return 0;
  if (effort == "minimal" || effort == "low") return 1024;
  return effort == "medium" ? 8192 : 24576;
}

// The level that is nearest to what was asked: Gemini knows four, and none that turns it off.
std::string level_of(const std::string& effort, Encoded& encoded) {
  for (const char* known : {"minimal", "low", "medium", "high"}) {
    if (effort == known) return effort;
  }
  ir::add_loss(encoded.losses, "reasoning.effort", Action::approximated);
  return effort == "none" ? "low" : "high";
}

void write_thinking(json::Writer& writer, const ir::Request& request, const Target& target,
                    Encoded& encoded) {
  const Dialect& dialect = target.dialect;
  count_idle_effort(request, target, encoded.losses);
  if (!target.reasons) return;
  std::string effort = fitting_effort(request.effort, target);
  // Silence would mean to think as much as it likes.
  if (request.effort == "none" && !dialect.effort_map.contains("none")) effort = "none";
  const bool summary = wants_summary(request, target);
  if (effort.empty() && !summary) return;
  if (dialect.effort == "none") {
    if (!effort.empty()) ir::add_loss(encoded.losses, "reasoning.effort", Action::dropped);
    return;
  }
  writer.key("thinkingConfig").begin_object();
  if (!effort.empty() && dialect.effort == "budget") {
    writer.member("thinkingBudget", budget_of(effort));
  } else if (!effort.empty()) {
    writer.member("thinkingLevel", level_of(effort, encoded));
  }
  // Whoever names an effort reads reasoning, unless it says that it wants none of it.
  if (request.effort != "none" && request.reasoning_summary != "none") {
    writer.member("includeThoughts", true);
  }
  writer.end_object();
}

void write_limits(json::Writer& writer, const ir::Request& request, const Target& target,
                  Encoded& encoded) {
  if (request.max_output) {
    writer.member("maxOutputTokens",
                  std::min(*request.max_output, target.max_output.value_or(*request.max_output)));
  }
  const Sampling wanted = sampling_of(request, target.dialect.sampling, encoded.losses);
  if (wanted.temperature) writer.member("temperature", *wanted.temperature);
  if (wanted.top_p) writer.member("topP", *wanted.top_p);
  if (request.stop.empty()) return;
  writer.key("stopSequences").begin_array();
  for (std::size_t i = 0; i < std::min(request.stop.size(), max_stops); ++i) {
    writer.string(request.stop[i]);
  }
  writer.end_array();
  if (request.stop.size() > max_stops) ir::add_loss(encoded.losses, "stop", Action::dropped);
}

std::optional<std::int64_t> integer_of(std::string_view json) {
  const auto value = json::Document::parse(json, "value");
  return value ? value->root().integer() : std::nullopt;
}

// Writes the other protocols' members that Gemini has as well, and returns the rest. It has the
// penalties too, but most of its models refuse them.
ir::Extras write_sampling(json::Writer& writer, const ir::Extras& extras) {
  ir::Extras rest;
  for (const ir::Extra& extra : extras) {
    const bool seed = extra.name == "seed";
    const std::int64_t least = seed ? std::numeric_limits<std::int32_t>::min() : 1;
    std::optional<std::int64_t> number;
    if (seed || extra.name == "top_k") number = integer_of(extra.json);
    if (number && *number >= least && *number <= std::numeric_limits<std::int32_t>::max()) {
      writer.member(seed ? "seed" : "topK", *number);
    } else {
      rest.push_back(extra);
    }
  }
  return rest;
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
    if (!any) writer.key("tools").begin_array().begin_object().key("functionDeclarations");
    if (!any) writer.begin_array();
    any = true;
    write_function(writer, tool, target, encoded);
  }
  if (!any) return;
  writer.end_array().end_object().end_array();
  write_tool_choice(writer, request.tool_choice, encoded);
  if (!request.parallel_tool_calls.value_or(true)) {
    ir::add_loss(encoded.losses, "parallel_tool_calls", Action::dropped);
  }
}

Encoded encode_request(const ir::Request& request, const Target& target) {
  Encoded encoded;
  const Dialect& dialect = target.dialect;
  encoded.names = ir::ToolNames(request, dialect.tool_name_length, true);
  count_space_losses(request.tools, encoded.losses);
  bool native_format = false;
  const std::string note = format_note(request, dialect, native_format, encoded);

  json::Writer writer(encoded.body);
  writer.begin_object();
  write_contents(writer, request, target, note, encoded);
  write_tools(writer, request, target, encoded);
  std::string config;
  json::Writer config_writer(config);
  config_writer.begin_object();
  write_limits(config_writer, request, target, encoded);
  const ir::Extras extras = write_sampling(config_writer, request.extras);
  if (native_format) write_format(config_writer, request.format, dialect, encoded);
  write_thinking(config_writer, request, target, encoded);
  config_writer.end_object();
  if (config != "{}") writer.key("generationConfig").raw(config);
  if (!request.verbosity.empty()) ir::add_loss(encoded.losses, "text.verbosity", Action::dropped);
  if (!request.previous_response_id.empty()) {
    ir::add_loss(encoded.losses, "previous_response_id", Action::refused);
  }
  write_extras(writer, extras, own);
  count_foreign_extras(extras, own, encoded.losses);
  count_part_losses(request.items, own, encoded.losses);
  if (request.prefilled) ir::add_loss(encoded.losses, "messages.prefill", Action::approximated);
  writer.end_object();
  return encoded;
}

}  // namespace tpool::protocol::gemini
