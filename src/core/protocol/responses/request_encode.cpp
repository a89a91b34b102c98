#include <algorithm>

#include "core/protocol/effort.hpp"
#include "core/protocol/responses/request.hpp"
#include "core/protocol/rounds.hpp"
#include "core/protocol/sampling.hpp"
#include "core/protocol/tool_input.hpp"
#include "core/protocol/tool_schema.hpp"

namespace tpool::protocol::responses {

namespace {

constexpr Protocol own = Protocol::responses;
using Action = ir::Loss::Action;

// A smaller limit is refused by this protocol; others know no least one.
constexpr std::int64_t least_output = 16;

// True when some tool of the request has a form this provider does not know.
bool must_flatten(const ir::Request& request, const Dialect& dialect) {
  const auto foreign = [&](ir::ToolKind kind, const std::string& space) {
    return (!space.empty() && !dialect.responses_namespaces) ||
           (kind == ir::ToolKind::custom && !dialect.responses_custom_tools);
  };
  for (const ir::Tool& tool : request.tools) {
    if (foreign(tool.kind, tool.space)) return true;
  }
  for (const ir::Item& item : request.items) {
    const auto* call = std::get_if<ir::ToolCall>(&item.value);
    if (call != nullptr && foreign(call->kind, call->space)) return true;
  }
  return false;
}

// Nothing of the conversation is kept by the provider.
bool is_whole(const ir::Request& request) {
  return request.previous_response_id.empty() &&
         std::none_of(request.extras.begin(), request.extras.end(), [](const ir::Extra& extra) {
           return extra.protocol == own && (extra.name == "conversation" || extra.name == "prompt");
         });
}

// The client keeps the conversation, so what its provider thought must travel with it. Models that
// do not reason refuse to be asked.
bool wants_sealed_reasoning(const ir::Request& request, const Target& target) {
  const bool asked = std::any_of(
      request.extras.begin(), request.extras.end(),
      [](const ir::Extra& extra) { return extra.protocol == own && extra.name == "include"; });
  return request.store == std::optional(false) && !target.efforts.empty() && !asked &&
         target.dialect.replay_reasoning != "never";
}

// The text of a leading system message, which this protocol has a member for.
const std::string* instructions_of(const ir::Request& request) {
  if (request.items.empty()) return nullptr;
  const auto* message = std::get_if<ir::Message>(&request.items[0].value);
  if (message == nullptr || message->role != ir::Role::system || !message->id.empty() ||
      message->parts.size() != 1) {
    return nullptr;
  }
  const auto* text = std::get_if<ir::Text>(&message->parts[0].value);
  return text == nullptr || text->text.empty() ? nullptr : &text->text;
}

void write_reasoning(json::Writer& writer, const ir::Request& request, const Target& target,
                     std::vector<ir::Loss>& losses) {
  std::string effort = fitting_effort(request.effort, target);
  count_idle_effort(request, target, losses);
  if (target.dialect.effort == "none" && !effort.empty()) {
    ir::add_loss(losses, "reasoning.effort", Action::dropped);
    effort.clear();
  } else if (!effort.empty() && effort != request.effort &&
             !target.dialect.effort_map.contains(request.effort)) {
    ir::add_loss(losses, "reasoning.effort", Action::approximated);
  }
  const bool summary = wants_summary(request, target);
  if (effort.empty() && !summary) return;
  writer.key("reasoning").begin_object();
  if (!effort.empty()) writer.member("effort", effort);
  if (summary) writer.member("summary", request.reasoning_summary);
  writer.end_object();
}

void write_text(json::Writer& writer, const ir::Request& request, std::vector<ir::Loss>& losses) {
  using Kind = ir::Format::Kind;
  const ir::Format& format = request.format;
  if (format.kind == Kind::text && request.verbosity.empty()) return;
  writer.key("text").begin_object();
  if (!request.verbosity.empty()) writer.member("verbosity", request.verbosity);
  if (format.kind == Kind::json_object) {
    writer.key("format").begin_object().member("type", "json_object").end_object();
  } else if (format.kind == Kind::json_schema) {
    writer.key("format").begin_object().member("type", "json_schema");
    writer.member("name", format.name.empty() ? "answer" : format.name);
    if (!format.description.empty()) writer.member("description", format.description);
    writer.key("schema").raw(format.schema.empty() ? "{}" : format.schema);
    if (format.strict) writer.member("strict", fitting_strictness(format, losses));
    writer.end_object();
  }
  writer.end_object();
}

}  // namespace

void ItemEncoder::write_tool(json::Writer& writer, const ir::Tool& tool) {
  const bool custom = tool.kind == ir::ToolKind::custom;
  const bool strict = tool.strict.value_or(false) && is_closed_schema(tool.schema);
  count_tool_losses(tool, own, strict, encoded.losses);
  writer.begin_object().member("type", custom && !wrapped(tool.kind) ? "custom" : "function");
  writer.member("name", flat ? encoded.names.wire(tool.space, tool.name) : tool.name);
  if (wrapped(tool.kind)) {
    lose("tools.custom", Action::approximated);
    writer.member("description", custom_description(tool)).member("strict", false);
    writer.key("parameters").raw(custom_schema()).end_object();
    return;
  }
  if (!tool.description.empty()) writer.member("description", tool.description);
  if (custom) {
    if (!tool.format.empty()) writer.key("format").raw(tool.format);
  } else {
    // Left unsaid, it would be strict.
    if (tool.strict) writer.member("strict", strict);
    writer.key("parameters")
        .raw(tool.schema.empty() ? R"({"type":"object","properties":{}})"
                                 : std::string_view(tool.schema));
  }
  write_extras(writer, tool.extras, own);
  writer.end_object();
}

bool ItemEncoder::goes_out(const ir::Tool& tool) const {
  return tool.kind != ir::ToolKind::hosted ||
         (target.dialect.responses_hosted_tools && tool.protocol == own);
}

void ItemEncoder::write_tools(json::Writer& writer, const std::vector<ir::Tool>& tools) {
  std::string_view open;
  for (const ir::Tool& tool : tools) {
    const std::string_view space = flat ? std::string_view() : std::string_view(tool.space);
    if (!open.empty() && open != space) {
      writer.end_array().end_object();
      open = {};
    }
    if (tool.kind == ir::ToolKind::hosted) {
      if (goes_out(tool)) {
        writer.raw(tool.json);
      } else {
        lose_named(encoded.losses, "tools.", tool.name, Action::dropped);
      }
      continue;
    }
    if (!space.empty() && open.empty()) {
      writer.begin_object().member("type", "namespace").member("name", space);
      writer.member("description", tool.space_description).key("tools").begin_array();
      open = space;
    }
    write_tool(writer, tool);
  }
  if (!open.empty()) writer.end_array().end_object();
}

void ItemEncoder::write_tool_choice(json::Writer& writer, const ir::ToolChoice& choice) {
  using Mode = ir::ToolChoice::Mode;
  switch (choice.mode) {
    case Mode::unset: return;
    case Mode::automatic: writer.member("tool_choice", "auto"); return;
    case Mode::none: writer.member("tool_choice", "none"); return;
    case Mode::required: writer.member("tool_choice", "required"); return;
    case Mode::one: break;
  }
  if (choice.kind == ir::ToolKind::hosted) {
    lose("tool_choice", Action::dropped);
    return;
  }
  const bool custom = choice.kind == ir::ToolKind::custom && !wrapped(choice.kind);
  writer.key("tool_choice").begin_object().member("type", custom ? "custom" : "function");
  writer.member("name", flat ? encoded.names.wire(choice.space, choice.name) : choice.name);
  if (!flat && !choice.space.empty()) writer.member("namespace", choice.space);
  writer.end_object();
}

ir::Extras ItemEncoder::write_tools_and_choice(json::Writer& writer, const ir::Request& request) {
  const ir::ToolChoice& choice = request.tool_choice;
  ir::Extras extras = request.extras;
  const bool any = std::any_of(request.tools.begin(), request.tools.end(),
                               [&](const ir::Tool& tool) { return goes_out(tool); });
  if (any) writer.key("tools").begin_array();
  write_tools(writer, request.tools);
  if (any) writer.end_array();
  const auto own_choice = [](const ir::Extra& extra) {
    return extra.protocol == own && extra.name == "tool_choice";
  };
  // A choice in this protocol's own words fits where its tools go out as they are.
  if (std::any_of(extras.begin(), extras.end(), own_choice)) {
    if (!flat && target.dialect.responses_hosted_tools) return extras;
    std::erase_if(extras, own_choice);
    if (choice.kind != ir::ToolKind::hosted) lose("tool_choice", Action::approximated);
  }
  if (any || request.tools.empty()) {
    write_tool_choice(writer, choice);
  } else if (choice.mode == ir::ToolChoice::Mode::one ||
             choice.mode == ir::ToolChoice::Mode::required) {
    // Nothing is left that could be called.
    lose("tool_choice", Action::dropped);
  }
  return extras;
}

Encoded encode_request(const ir::Request& request, const Target& target) {
  Encoded encoded;
  ItemEncoder items{target, must_flatten(request, target.dialect), encoded};
  if (is_whole(request)) items.match = match_results(request.items);
  if (items.flat) {
    encoded.names = ir::ToolNames(request, target.dialect.tool_name_length);
    count_space_losses(request.tools, encoded.losses);
  }

  json::Writer writer(encoded.body);
  writer.begin_object().member("model", target.model).member("stream", request.stream);
  const std::string* instructions = instructions_of(request);
  if (instructions != nullptr) writer.member("instructions", *instructions);
  writer.key("input").begin_array();
  for (std::size_t i = instructions == nullptr ? 0 : 1; i < request.items.size(); ++i) {
    items.write_item(writer, request.items[i], i);
  }
  writer.end_array();
  const ir::Extras extras = items.write_tools_and_choice(writer, request);
  if (request.parallel_tool_calls && target.dialect.parallel_tool_calls) {
    writer.member("parallel_tool_calls", *request.parallel_tool_calls);
  } else if (!request.parallel_tool_calls.value_or(true) && !request.tools.empty()) {
    ir::add_loss(encoded.losses, "parallel_tool_calls", Action::dropped);
  }
  write_reasoning(writer, request, target, encoded.losses);
  write_text(writer, request, encoded.losses);
  if (request.max_output) {
    if (*request.max_output < least_output)
      ir::add_loss(encoded.losses, "max_output_tokens", Action::approximated);
    const std::int64_t wanted = std::max(*request.max_output, least_output);
    writer.member("max_output_tokens", std::min(wanted, target.max_output.value_or(wanted)));
  }
  const Sampling sampling = sampling_of(request, target.dialect.sampling, encoded.losses);
  if (sampling.temperature) writer.member("temperature", *sampling.temperature);
  if (sampling.top_p) writer.member("top_p", *sampling.top_p);
  if (!request.cache_key.empty()) writer.member("prompt_cache_key", request.cache_key);
  if (!request.service_tier.empty()) writer.member("service_tier", request.service_tier);
  if (request.store) writer.member("store", *request.store);
  if (wants_sealed_reasoning(request, target)) {
    writer.key("include").begin_array().string("reasoning.encrypted_content").end_array();
  }
  if (!request.previous_response_id.empty()) {
    writer.member("previous_response_id", request.previous_response_id);
  }
  if (!request.stop.empty()) ir::add_loss(encoded.losses, "stop", Action::dropped);
  write_extras(writer, extras, own);
  count_foreign_extras(extras, own, encoded.losses);
  count_part_losses(request.items, own, encoded.losses);
  if (request.prefilled) ir::add_loss(encoded.losses, "messages.prefill", Action::approximated);
  writer.end_object();
  return encoded;
}

}  // namespace tpool::protocol::responses
