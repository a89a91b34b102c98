#include "core/protocol/messages/thinking.hpp"

#include <algorithm>

#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/effort.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;
using Kind = ThinkingPlan::Kind;

constexpr std::int64_t least_budget = 1024;

bool must_call(const ir::Request& request, const Target& target) {
  using Mode = ir::ToolChoice::Mode;
  const bool schema_tool =
      target.dialect.json_schema == "tool" && request.format.kind == ir::Format::Kind::json_schema;
  const Mode mode = request.tool_choice.mode;
  return schema_tool || (!request.tools.empty() && (mode == Mode::required || mode == Mode::one));
}

}  // namespace

std::string seal_thought(const Thought& thought) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (thought.redacted.empty()) {
    writer.member("thinking", thought.thinking).member("signature", thought.signature);
  } else {
    writer.member("redacted", thought.redacted);
  }
  writer.end_object();
  return out;
}

std::optional<Thought> open_thought(const std::string& data) {
  if (!data.starts_with('{')) return {};
  const auto parsed = json::Document::parse(data, "sealed thinking");
  if (!parsed) return {};
  const json::Value root = parsed->root();
  Thought thought{std::string(root["thinking"].string_or("")),
                  std::string(root["signature"].string_or("")),
                  std::string(root["redacted"].string_or(""))};
  if (thought.signature.empty() && thought.redacted.empty()) return {};
  return thought;
}

std::string effort_of_budget(std::int64_t tokens) {
  if (tokens < 4096) return "low";
  if (tokens < 16'384) return "medium";
  return tokens < 32'768 ? "high" : "xhigh";
}

std::int64_t budget_of_effort(std::string_view effort) {
  if (effort == "minimal") return least_budget;
  if (effort == "low") return 2048;
  if (effort == "high") return 16'384;
  if (effort == "xhigh") return 32'768;
  return effort == "max" ? 49'152 : 8192;
}

ThinkingPlan plan_thinking(const ir::Request& request, const Target& target,
                           std::int64_t max_tokens, bool can_start, std::vector<ir::Loss>& losses) {
  ThinkingPlan plan;
  if (request.effort.empty() || target.dialect.effort == "none") {
    if (!request.effort.empty() && request.effort != "none")
      ir::add_loss(losses, "reasoning.effort", Action::dropped);
    return plan;
  }
  const std::string effort = fitting_effort(request.effort, target);
  count_idle_effort(request, target, losses);
  if (effort.empty()) return plan;
  if (effort != request.effort) ir::add_loss(losses, "reasoning.effort", Action::approximated);
  if (is_off(effort)) return {Kind::disabled};
  const std::string& way = target.dialect.effort;
  const bool adaptive = way == "adaptive" || (way == "reasoning_effort" && !target.efforts.empty());
  // The protocol refuses thinking together with a forced call, and in the middle of a round that
  // did not begin with it.
  // Where it is a mere switch, nobody looks that closely.
  const bool strict = way != "thinking";
  const bool forbidden = strict && must_call(request, target);
  const bool stuck = strict && !adaptive && !can_start;
  if (forbidden || stuck) {
    ir::add_loss(losses, "reasoning.effort", adaptive ? Action::approximated : Action::dropped);
  }
  if (adaptive) {
    return {forbidden ? Kind::unsaid : Kind::adaptive, 0, effort == "minimal" ? "low" : effort};
  }
  if (forbidden || stuck) return plan;
  std::int64_t budget = budget_of_effort(effort);
  if (request.max_output) budget = std::min(budget, max_tokens / 2);
  budget = std::min(budget, max_tokens - 1024);
  if (budget < least_budget) {
    ir::add_loss(losses, "reasoning.effort", Action::dropped);
    return plan;
  }
  return {Kind::enabled, budget};
}

}  // namespace tpool::protocol::messages
