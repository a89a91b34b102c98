#include <algorithm>

#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/messages/turns.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;
using Mode = ir::ToolChoice::Mode;

// What every model of this protocol can write, where nobody knows better.
constexpr std::int64_t modest_limit = 8192;
constexpr std::string_view short_lived = R"({"type":"ephemeral"})";

// The protocol insists on a schema of an object.
std::string object_schema(const std::string& schema) {
  constexpr std::string_view empty = R"({"type":"object","properties":{}})";
  const auto parsed = json::Document::parse(schema.empty() ? "{}" : schema, "schema");
  if (!parsed || !parsed->root().is_object() || parsed->root().size() == 0) {
    return std::string(empty);
  }
  if (parsed->root()["type"]) return schema;
  const std::size_t brace = schema.find('{');
  return R"({"type":"object",)" + schema.substr(brace + 1);
}

class ToolWriter {
 public:
  ToolWriter(const ir::Request& request, const Target& target, const Turns& turns, Encoded& encoded)
      : request_(request), target_(target), encoded_(encoded) {
    for (const ir::Tool& tool : request.tools) {
      if (tool.kind == ir::ToolKind::hosted) {
        add_hosted(tool);
      } else {
        add_function(tool);
      }
    }
    if (wants_answer_tool()) add_answer_tool();
    if (tools_.empty() && turns.called) add_earlier_tools();
  }

  int marked() const { return marked_; }

  void write(json::Writer& writer, bool breakpoint) {
    if (tools_.empty()) return;
    if (breakpoint && target_.dialect.cache_control) {
      std::string& last = tools_.back();
      last.insert(last.size() - 1, ",\"cache_control\":" + std::string(short_lived));
    }
    writer.key("tools").begin_array();
    for (const std::string& tool : tools_) writer.raw(tool);
    writer.end_array();
    write_choice(writer);
  }

 private:
  bool wants_answer_tool() const {
    return request_.format.kind == ir::Format::Kind::json_schema &&
           target_.dialect.json_schema == "tool";
  }

  void add_hosted(const ir::Tool& tool) {
    if (tool.protocol == own) {
      tools_.push_back(tool.json);
      const auto parsed = json::Document::parse(tool.json, "tool");
      if (parsed && parsed->root()["cache_control"]) ++marked_;
    } else {
      lose_named(encoded_.losses, "tools.", tool.name, Action::dropped);
    }
  }

  void add_function(const ir::Tool& tool) {
    const bool custom = tool.kind == ir::ToolKind::custom;
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("name", encoded_.names.wire(tool.space, tool.name));
    const std::string description = custom ? custom_description(tool) : tool.description;
    if (!description.empty()) writer.member("description", description);
    if (custom) {
      ir::add_loss(encoded_.losses, "tools.custom", Action::approximated);
      writer.key("input_schema").raw(custom_schema());
    } else {
      writer.key("input_schema").raw(object_schema(tool.schema));
      // Not strict is what a provider does unasked.
      if (tool.strict.value_or(false) && target_.dialect.strict_tools) {
        writer.member("strict", true);
      }
    }
    for (const ir::Extra& extra : tool.extras) {
      if (extra.protocol != own) continue;
      if (extra.name == "cache_control") ++marked_;
      writer.key(extra.name).raw(extra.json);
    }
    writer.end_object();
    tools_.push_back(std::move(text));
  }

  void add_answer_tool() {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("name", answer_tool);
    writer.member("description", request_.format.description.empty()
                                     ? "Gives the final answer. Call it once, with the answer."
                                     : std::string_view(request_.format.description));
    writer.key("input_schema").raw(object_schema(request_.format.schema)).end_object();
    tools_.push_back(std::move(text));
    ir::add_loss(encoded_.losses, "text.format", Action::approximated);
  }

  // A history of calls must name its tools, though none of them is offered any more.
  void add_earlier_tools() {
    std::vector<std::string> names;
    for (const ir::Item& item : request_.items) {
      const auto* call = std::get_if<ir::ToolCall>(&item.value);
      if (call == nullptr) continue;
      std::string name = encoded_.names.wire(call->space, call->name);
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    for (const std::string& name : names) {
      std::string text;
      json::Writer writer(text);
      writer.begin_object().member("name", name);
      writer.member("description", "A tool of an earlier turn; it can no longer be called.");
      writer.key("input_schema").raw(R"({"type":"object"})").end_object();
      tools_.push_back(std::move(text));
    }
    earlier_ = true;
  }

  void write_choice(json::Writer& writer) {
    const ir::ToolChoice& choice = request_.tool_choice;
    Mode mode = earlier_ ? Mode::none : choice.mode;
    std::string name;
    if (mode == Mode::one && choice.kind == ir::ToolKind::hosted) {
      ir::add_loss(encoded_.losses, "tool_choice", Action::dropped);
      mode = Mode::unset;
    } else if (mode == Mode::one) {
      name = encoded_.names.wire(choice.space, choice.name);
    }
    if (wants_answer_tool() && mode != Mode::one) {
      const bool alone = tools_.size() == 1 || mode == Mode::none;
      mode = alone ? Mode::one : Mode::required;
      name = answer_tool;
    }
    const bool single = request_.parallel_tool_calls == std::optional(false) &&
                        target_.dialect.parallel_tool_calls && mode != Mode::none;
    if (mode == Mode::unset && !single) return;
    writer.key("tool_choice").begin_object();
    switch (mode) {
      case Mode::unset:
      case Mode::automatic: writer.member("type", "auto"); break;
      case Mode::none: writer.member("type", "none"); break;
      case Mode::required: writer.member("type", "any"); break;
      case Mode::one: writer.member("type", "tool").member("name", name); break;
    }
    if (single) writer.member("disable_parallel_tool_use", true);
    writer.end_object();
  }

  const ir::Request& request_;
  const Target& target_;
  Encoded& encoded_;
  std::vector<std::string> tools_;
  int marked_ = 0;
  bool earlier_ = false;
};

std::string format_note(const ir::Format& format, const Dialect& dialect, Encoded& encoded) {
  using Kind = ir::Format::Kind;
  if (format.kind == Kind::json_object) {
    ir::add_loss(encoded.losses, "text.format", Action::approximated);
    return "Answer with a single JSON object and nothing else: no code fence, no comment.";
  }
  if (format.kind != Kind::json_schema || dialect.json_schema == "native" ||
      dialect.json_schema == "tool") {
    return {};
  }
  ir::add_loss(encoded.losses, "text.format", Action::approximated);
  return "Answer with a single JSON document and nothing else: no code fence, no comment. It "
         "must match this JSON schema:\n" +
         (format.schema.empty() ? std::string("{}") : format.schema);
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
                    const ThinkingPlan& plan) {
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
  const bool schema =
      request.format.kind == ir::Format::Kind::json_schema && dialect.json_schema == "native";
  if (plan.effort.empty() && !schema) return;
  writer.key("output_config").begin_object();
  if (!plan.effort.empty()) writer.member("effort", plan.effort);
  if (schema) {
    writer.key("format").begin_object().member("type", "json_schema").key("schema");
    writer.raw(request.format.schema.empty() ? "{}" : request.format.schema).end_object();
  }
  writer.end_object();
}

// Temperature or top_p, never both: newer models refuse the pair, and any of them while thinking.
void write_sampling(json::Writer& writer, const ir::Request& request, const Dialect& dialect,
                    bool thinking, Encoded& encoded) {
  const bool allowed = dialect.sampling && !thinking;
  if (request.temperature) {
    const double value = std::clamp(*request.temperature, 0.0, 1.0);
    if (!allowed) {
      // One is what a thinking model does unasked.
      if (*request.temperature != 1.0) ir::add_loss(encoded.losses, "temperature", Action::dropped);
    } else {
      if (value != *request.temperature)
        ir::add_loss(encoded.losses, "temperature", Action::approximated);
      writer.member("temperature", value);
    }
  }
  if (!request.top_p || *request.top_p == 1.0) return;
  if (allowed && !request.temperature) {
    writer.member("top_p", *request.top_p);
  } else {
    ir::add_loss(encoded.losses, "top_p", Action::dropped);
  }
}

void write_turns(json::Writer& writer, const Turns& turns) {
  if (!turns.system.empty()) {
    writer.key("system").begin_array();
    for (const Block& block : turns.system) write_block(writer, block);
    writer.end_array();
  }
  writer.key("messages").begin_array();
  for (const Turn& turn : turns.turns) {
    const bool system = turn.role == ir::Role::system;
    writer.begin_object().member("role", system                             ? "system"
                                         : turn.role == ir::Role::assistant ? "assistant"
                                                                            : "user");
    writer.key("content").begin_array();
    for (const Block& block : turn.blocks) write_block(writer, block);
    writer.end_array().end_object();
  }
  writer.end_array();
}

void forget_marks(Turns& turns) {
  for (Block& block : turns.system) block.mark.reset();
  for (Turn& turn : turns.turns)
    for (Block& block : turn.blocks) block.mark.reset();
}

}  // namespace

Encoded encode_request(const ir::Request& request, const Target& target) {
  Encoded encoded;
  const Dialect& dialect = target.dialect;
  encoded.headers.emplace_back("anthropic-version", api_version);
  encoded.names = ir::ToolNames(request, dialect.tool_name_length);
  Turns turns = make_turns(request, target, encoded);
  if (const std::string note = format_note(request.format, dialect, encoded); !note.empty()) {
    Block block;
    json::Writer writer(block.json);
    writer.begin_object().member("type", "text").member("text", note).end_object();
    turns.system.push_back(std::move(block));
  }
  ToolWriter tools(request, target, turns, encoded);
  const bool own_breakpoint = place_breakpoints(turns, tools.marked());
  if (!dialect.cache_control) forget_marks(turns);
  const std::int64_t limit = limit_of(request, target, encoded);
  const ThinkingPlan plan = plan_thinking(request, target, limit, turns.can_think, encoded.losses);

  json::Writer writer(encoded.body);
  writer.begin_object().member("model", target.model).member("max_tokens", limit);
  tools.write(writer, own_breakpoint);
  write_turns(writer, turns);
  write_thinking(writer, request, dialect, plan);
  write_sampling(writer, request, dialect, plan.on(), encoded);
  if (!request.stop.empty()) {
    writer.key("stop_sequences").begin_array();
    for (const std::string& word : request.stop) writer.string(word);
    writer.end_array();
  }
  if (!request.verbosity.empty()) ir::add_loss(encoded.losses, "text.verbosity", Action::dropped);
  if (!request.previous_response_id.empty()) {
    ir::add_loss(encoded.losses, "previous_response_id", Action::refused);
  }
  write_extras(writer, request.extras, own);
  count_foreign_extras(request.extras, own, encoded.losses);
  writer.member("stream", request.stream).end_object();
  return encoded;
}

}  // namespace tpool::protocol::messages
