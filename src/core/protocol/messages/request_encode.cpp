#include <algorithm>

#include "core/protocol/messages/blocks.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/schema.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/messages/tools_encode.hpp"
#include "core/protocol/messages/turns.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/sampling.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;

// What every model of this protocol can write, where nobody knows better.
constexpr std::int64_t modest_limit = 8192;

bool is_native_schema(const ir::Format& format, const Dialect& dialect) {
  return format.kind == ir::Format::Kind::json_schema && dialect.json_schema == "native";
}

std::string format_note(const ir::Format& format, const Dialect& dialect, const Fitting& fitting,
                        Encoded& encoded) {
  using Kind = ir::Format::Kind;
  const bool schema = format.kind == Kind::json_schema && dialect.json_schema != "tool" &&
                      (dialect.json_schema != "native" || fitting.open);
  if (!schema && format.kind != Kind::json_object) return {};
  ir::add_loss(encoded.losses, "text.format", Action::approximated);
  return json_in_words(format);
}

std::int64_t limit_of(const ir::Request& request, const Target& target, Encoded& encoded) {
  if (request.max_output) {
    const std::int64_t wanted = std::max<std::int64_t>(1, *request.max_output);
    return target.max_output ? std::min(wanted, *target.max_output) : wanted;
  }
  if (target.max_output) return *target.max_output;
  ir::add_loss(encoded.losses, "max_output_tokens", Action::approximated);
  return modest_limit;
}

void write_thinking(json::Writer& writer, const ir::Request& request, const Dialect& dialect,
                    const ThinkingPlan& plan, const Fitting& fitting,
                    std::vector<ir::Loss>& losses) {
  using Kind = ThinkingPlan::Kind;
  if (plan.kind != Kind::unsaid) {
    writer.key("thinking").begin_object();
    if (plan.kind == Kind::disabled) {
      writer.member("type", "disabled");
    } else if (plan.kind == Kind::enabled) {
      writer.member("type", "enabled").member("budget_tokens", plan.budget);
    } else {
      writer.member("type", "adaptive");
      const std::string& summary = request.reasoning_summary;
      if (!summary.empty()) {
        writer.member("display", summary == "none" ? "omitted" : "summarized");
      }
    }
    writer.end_object();
  }
  const bool schema = is_native_schema(request.format, dialect) && !fitting.open;
  if (plan.effort.empty() && !schema) return;
  writer.key("output_config").begin_object();
  if (!plan.effort.empty()) writer.member("effort", plan.effort);
  if (schema) {
    writer.key("format").begin_object().member("type", "json_schema").key("schema");
    if (fitting.rewritten) ir::add_loss(losses, "text.format", Action::approximated);
    const std::string& written = fitting.rewritten ? *fitting.rewritten : request.format.schema;
    writer.raw(written.empty() ? "{}" : written).end_object();
  }
  writer.end_object();
}

// Temperature or top_p, never both: newer models refuse the pair, and any of them while thinking.
void write_sampling(json::Writer& writer, const ir::Request& request, const Dialect& dialect,
                    bool thinking, Encoded& encoded) {
  const Sampling wanted = sampling_of(request, dialect.sampling && !thinking, encoded.losses);
  if (wanted.temperature) {
    const double value = std::clamp(*wanted.temperature, 0.0, 1.0);
    if (value != *wanted.temperature)
      ir::add_loss(encoded.losses, "temperature", Action::approximated);
    writer.member("temperature", value);
  }
  if (!wanted.top_p || *wanted.top_p == 1.0) return;
  if (wanted.temperature) {
    ir::add_loss(encoded.losses, "top_p", Action::dropped);
  } else {
    writer.member("top_p", *wanted.top_p);
  }
}

// A word of nothing but white space is refused.
void write_stops(json::Writer& writer, const std::vector<std::string>& words,
                 std::vector<ir::Loss>& losses) {
  std::size_t written = 0;
  for (const std::string& word : words) {
    if (word.find_first_not_of(" \t\n\v\f\r") == std::string::npos) continue;
    if (written++ == 0) writer.key("stop_sequences").begin_array();
    writer.string(word);
  }
  if (written > 0) writer.end_array();
  if (written < words.size()) ir::add_loss(losses, "stop", Action::dropped);
}

void write_turns(json::Writer& writer, const Turns& turns) {
  if (!turns.system.empty()) {
    writer.key("system").begin_array();
    for (const Block& block : turns.system) write_marked(writer, block.json, block.mark);
    writer.end_array();
  }
  writer.key("messages").begin_array();
  for (const Turn& turn : turns.turns) {
    const bool system = turn.role == ir::Role::system;
    writer.begin_object().member("role", system                             ? "system"
                                         : turn.role == ir::Role::assistant ? "assistant"
                                                                            : "user");
    writer.key("content").begin_array();
    for (const Block& block : turn.blocks) write_marked(writer, block.json, block.mark);
    writer.end_array().end_object();
  }
  writer.end_array();
}

void forget_marks(Turns& turns, std::vector<ir::Loss>& losses) {
  const auto forget = [&](std::vector<Block>& blocks) {
    for (Block& block : blocks) {
      if (!block.mark) continue;
      block.mark.reset();
      ir::add_loss(losses, "cache_control", Action::dropped);
    }
  };
  forget(turns.system);
  for (Turn& turn : turns.turns) forget(turn.blocks);
}

}  // namespace

Encoded encode_request(const ir::Request& request, const Target& target) {
  Encoded encoded;
  const Dialect& dialect = target.dialect;
  encoded.headers.emplace_back("anthropic-version", api_version);
  encoded.names = ir::ToolNames(request, dialect.tool_name_length);
  count_space_losses(request.tools, encoded.losses);
  Turns turns = make_turns(request, target, encoded);
  const Fitting fitting =
      is_native_schema(request.format, dialect) ? fit_schema(request.format.schema) : Fitting{};
  if (const std::string note = format_note(request.format, dialect, fitting, encoded);
      !note.empty()) {
    turns.system.push_back(text_block(note));
  }
  ToolWriter tools(request, target, turns.called, encoded);
  bool own_breakpoint = false;
  if (dialect.cache_control) {
    own_breakpoint = place_breakpoints(turns, tools.marked(), encoded.losses);
  } else {
    forget_marks(turns, encoded.losses);
  }
  const std::int64_t limit = limit_of(request, target, encoded);
  const ThinkingPlan plan = plan_thinking(request, target, limit, turns.can_think, encoded.losses);

  json::Writer writer(encoded.body);
  writer.begin_object().member("model", target.model).member("max_tokens", limit);
  tools.write(writer, own_breakpoint);
  write_turns(writer, turns);
  write_thinking(writer, request, dialect, plan, fitting, encoded.losses);
  write_sampling(writer, request, dialect, plan.on(), encoded);
  write_stops(writer, request.stop, encoded.losses);
  if (!request.verbosity.empty()) ir::add_loss(encoded.losses, "text.verbosity", Action::dropped);
  if (!request.previous_response_id.empty()) {
    ir::add_loss(encoded.losses, "previous_response_id", Action::refused);
  }
  write_extras(writer, request.extras, own);
  count_foreign_extras(request.extras, own, encoded.losses);
  count_part_losses(request.items, own, encoded.losses);
  writer.member("stream", request.stream).end_object();
  return encoded;
}

}  // namespace tpool::protocol::messages
