#include "core/protocol/messages/tools_encode.hpp"

#include <algorithm>

#include "core/json/value.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/schema.hpp"
#include "core/protocol/messages/turns.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;
using Mode = ir::ToolChoice::Mode;

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

}  // namespace

ToolWriter::ToolWriter(const ir::Request& request, const Target& target, bool called,
                       Encoded& encoded)
    : request_(request), target_(target), encoded_(encoded) {
  for (const ir::Tool& tool : request.tools) {
    if (tool.kind == ir::ToolKind::hosted) {
      add_hosted(tool);
    } else {
      add_function(tool);
    }
  }
  if (wants_answer_tool()) add_answer_tool();
  if (tools_.empty() && called) add_earlier_tools();
  limit_marks();
}

bool ToolWriter::wants_answer_tool() const {
  return request_.format.kind == ir::Format::Kind::json_schema &&
         target_.dialect.json_schema == "tool";
}

void ToolWriter::add_hosted(const ir::Tool& tool) {
  if (tool.protocol == own) {
    tools_.push_back({tool.json});
    const auto parsed = json::Document::parse(tool.json, "tool");
    if (parsed && parsed->root()["cache_control"]) ++marked_;
  } else {
    lose_named(encoded_.losses, "tools.", tool.name, Action::dropped);
  }
}

void ToolWriter::add_function(const ir::Tool& tool) {
  const bool custom = tool.kind == ir::ToolKind::custom;
  bool strict = tool.strict.value_or(false) && target_.dialect.strict_tools;
  std::string text;
  std::optional<std::string> mark;
  bool deferred = false;
  json::Writer writer(text);
  writer.begin_object().member("name", encoded_.names.wire(tool.space, tool.name));
  const std::string description = custom ? custom_description(tool) : tool.description;
  if (!description.empty()) writer.member("description", description);
  if (custom) {
    ir::add_loss(encoded_.losses, "tools.custom", Action::approximated);
    writer.key("input_schema").raw(custom_schema());
  } else {
    std::string schema = object_schema(tool.schema);
    if (strict) {
      Fitting fitting = fit_schema(schema);
      strict = !fitting.open;
      if (strict && fitting.rewritten) {
        schema = std::move(*fitting.rewritten);
        ir::add_loss(encoded_.losses, "tools.schema", Action::approximated);
      }
    }
    writer.key("input_schema").raw(schema);
    // Not strict is what a provider does unasked.
    if (strict) writer.member("strict", true);
  }
  for (const ir::Extra& extra : tool.extras) {
    if (extra.protocol != own) continue;
    if (extra.name == "cache_control") {
      mark = extra.json;
    } else {
      writer.key(extra.name).raw(extra.json);
      if (extra.name == "defer_loading") deferred = extra.json == "true";
    }
  }
  writer.end_object();
  count_tool_losses(tool, own, strict, encoded_.losses);
  tools_.push_back({std::move(text), std::move(mark), deferred});
}

void ToolWriter::add_answer_tool() {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().member("name", answer_tool);
  writer.member("description", request_.format.description.empty()
                                   ? "Gives the final answer. Call it once, with the answer."
                                   : std::string_view(request_.format.description));
  writer.key("input_schema").raw(object_schema(request_.format.schema)).end_object();
  tools_.push_back({std::move(text)});
  ir::add_loss(encoded_.losses, "text.format", Action::approximated);
}

// A history of calls must name its tools, though none of them is offered any more.
void ToolWriter::add_earlier_tools() {
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
    tools_.push_back({std::move(text)});
  }
  earlier_ = true;
}

// The last ones are kept: each stands for all that is before it as well.
void ToolWriter::limit_marks() {
  for (auto tool = tools_.rbegin(); tool != tools_.rend(); ++tool) {
    if (!tool->mark) continue;
    if (target_.dialect.cache_control && marked_ < most_breakpoints) {
      ++marked_;
    } else {
      tool->mark.reset();
      ir::add_loss(encoded_.losses, "cache_control", Action::dropped);
    }
  }
}

void ToolWriter::write(json::Writer& writer, bool breakpoint) {
  if (tools_.empty()) return;
  if (breakpoint && target_.dialect.cache_control) {
    const auto last = std::find_if(tools_.rbegin(), tools_.rend(),
                                   [](const Tool& tool) { return !tool.deferred; });
    if (last != tools_.rend()) last->mark = short_lived;
  }
  writer.key("tools").begin_array();
  for (const Tool& tool : tools_) write_marked(writer, tool.json, tool.mark);
  writer.end_array();
  write_choice(writer);
}

void ToolWriter::write_choice(json::Writer& writer) {
  const ir::ToolChoice& choice = request_.tool_choice;
  Mode mode = earlier_ ? Mode::none : choice.mode;
  std::string name;
  const bool ours =
      std::any_of(request_.tools.begin(), request_.tools.end(), [](const ir::Tool& tool) {
        return tool.kind == ir::ToolKind::hosted && tool.protocol == own;
      });
  if (mode == Mode::one && choice.kind == ir::ToolKind::hosted && ours) {
    name = choice.name;
  } else if (mode == Mode::one && choice.kind == ir::ToolKind::hosted) {
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
  const bool wanted = request_.parallel_tool_calls == std::optional(false) && mode != Mode::none;
  const bool single = wanted && target_.dialect.parallel_tool_calls;
  if (wanted && !single) {
    ir::add_loss(encoded_.losses, "parallel_tool_calls", Action::dropped);
  }
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

}  // namespace tpool::protocol::messages
