#include "core/connect/codex_catalog.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/connect/codex_instructions.hpp"
#include "core/connect/codex_template.hpp"
#include "core/digest.hpp"
#include "core/json/write.hpp"

namespace tpool::connect {
namespace {

// Codex sources exist that take no catalog over 1 MiB.
constexpr std::size_t most_bytes = 1'000'000;
constexpr std::int64_t tool_output_tokens = 10'000;

std::string_view describe_effort(std::string_view effort) {
  if (effort == "none") return "No reasoning";
  if (effort == "minimal") return "Hardly any reasoning, fastest answers";
  if (effort == "low") return "Light reasoning, quick answers";
  if (effort == "medium") return "Balances speed and depth";
  if (effort == "high") return "Deep reasoning for hard problems";
  if (effort == "xhigh") return "Deeper still, for the hardest problems";
  if (effort == "max") return "As deep as the model goes";
  return "As the provider defines it";
}

// Every route speaks a dialect that takes the parameter.
template <class Takes>
bool everywhere(const catalog::Pool& pool, const catalog::Entry& entry, Takes takes) {
  return !entry.routes.empty() &&
         std::all_of(entry.routes.begin(), entry.routes.end(), [&](const catalog::Route& route) {
           return takes(pool.providers[route.provider].dialect_for(route.upstream));
         });
}

std::string description_of(const catalog::Pool& pool, const catalog::Entry& entry) {
  if (entry.kind == catalog::Entry::Kind::alias) return "Alias of " + entry.target;
  if (entry.routes.size() > 1)
    return "At " + std::to_string(entry.routes.size()) + " providers, through tpool";
  if (entry.routes.empty()) return "Through tpool";
  return "At " + pool.providers[entry.routes.front().provider].name + ", through tpool";
}

// What may be used of the window before the conversation is compacted: where a provider reserves
// the output within the window, the input ends earlier.
std::optional<std::int64_t> compact_limit(const catalog::Facts& facts) {
  if (!facts.context) return std::nullopt;
  const auto output = facts.output.value_or(0);
  const auto input = output * 2 <= *facts.context ? *facts.context - output : *facts.context;
  return input / 10 * 9;
}

class EntryWriter {
 public:
  // Each member goes through here, so that the template can be asked for the rest.
  static std::vector<std::string_view> names() {
    return {"slug",
            "display_name",
            "description",
            "default_reasoning_level",
            "supported_reasoning_levels",
            "shell_type",
            "visibility",
            "supported_in_api",
            "priority",
            "base_instructions",
            "support_verbosity",
            "truncation_policy",
            "experimental_supported_tools",
            "apply_patch_tool_type",
            "default_reasoning_summary",
            "supports_reasoning_summary_parameter",
            "supports_reasoning_summaries",
            "supports_parallel_tool_calls",
            "supports_search_tool",
            "use_responses_lite",
            "multi_agent_version",
            "supports_image_detail_original",
            "input_modalities",
            "context_window",
            "max_context_window",
            "auto_compact_token_limit",
            "effective_context_window_percent",
            "upgrade",
            "availability_nux"};
  }

  EntryWriter(const catalog::Pool& pool, const CodexTemplate& base) : pool_(pool), base_(base) {}

  std::string write(const catalog::Entry& entry, std::size_t priority,
                    std::string_view instructions) const {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    write_identity(out, entry, priority);
    write_reasoning(out, entry.facts);
    write_tools(out, entry);
    write_limits(out, entry.facts);
    for (const auto& [name, value] : base_.carried) out.key(name).raw(value);
    out.member("base_instructions", instructions);
    out.end_object();
    return text;
  }

 private:
  void write_identity(json::Writer& out, const catalog::Entry& entry, std::size_t priority) const {
    out.member("slug", entry.name);
    out.member("display_name", entry.display);
    out.member("description", description_of(pool_, entry));
    out.member("visibility", entry.hidden ? "hide" : "list");
    out.member("supported_in_api", true);
    out.member("priority", priority);
    out.key("upgrade").null();
    out.key("availability_nux").null();
  }

  static void write_reasoning(json::Writer& out, const catalog::Facts& facts) {
    const bool reasons = facts.reasoning.value_or(!facts.efforts.empty());
    out.key("supported_reasoning_levels").begin_array();
    for (const auto& effort : facts.efforts)
      out.begin_object()
          .member("effort", effort)
          .member("description", describe_effort(effort))
          .end_object();
    out.end_array();
    out.key("default_reasoning_level");
    if (facts.default_effort.empty())
      out.null();
    else
      out.string(facts.default_effort);
    out.member("default_reasoning_summary", reasons ? "auto" : "none");
    out.member("supports_reasoning_summary_parameter", reasons);
    out.member("supports_reasoning_summaries", reasons);
  }

  void write_tools(json::Writer& out, const catalog::Entry& entry) const {
    const bool tools = entry.facts.tool_call.value_or(true);
    out.member("shell_type", tools ? "unified_exec" : "disabled");
    out.key("apply_patch_tool_type");
    if (tools)
      out.string("freeform");
    else
      out.null();
    out.member("supports_parallel_tool_calls",
               tools && everywhere(pool_, entry, [](const protocol::Dialect& dialect) {
                 return dialect.parallel_tool_calls;
               }));
    out.member("support_verbosity", everywhere(pool_, entry, [](const protocol::Dialect& dialect) {
                 return dialect.verbosity;
               }));
    out.member("supports_search_tool", false);
    out.member("use_responses_lite", false);
    out.member("multi_agent_version", "v1");
    out.member("supports_image_detail_original", false);
    out.key("experimental_supported_tools").begin_array().end_array();
    out.key("truncation_policy")
        .begin_object()
        .member("mode", "tokens")
        .member("limit", tool_output_tokens)
        .end_object();
  }

  static void write_limits(json::Writer& out, const catalog::Facts& facts) {
    out.member("context_window", facts.context);
    if (facts.context) {
      out.member("max_context_window", *facts.context);
      out.member("auto_compact_token_limit", *compact_limit(facts));
    }
    out.member("effective_context_window_percent", 95);
    out.key("input_modalities").begin_array().string("text");
    for (const auto& modality : facts.input)
      if (modality == "image" || modality == "audio") out.string(modality);
    out.end_array();
  }

  const catalog::Pool& pool_;
  const CodexTemplate& base_;
};

// The texts that fit: the first entries carry the best, the tail of a long pool a shorter one.
std::vector<std::string_view> share_out(const std::vector<std::size_t>& sizes, std::size_t rest,
                                        const std::array<std::string_view, 3>& texts) {
  std::array<std::size_t, 3> cost{};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string quoted;
    json::append_quoted(quoted, texts[i]);
    cost[i] = quoted.size();
  }
  std::size_t used = rest;
  for (const auto size : sizes) used += size;
  std::vector<std::string_view> given(sizes.size(), texts[2]);
  used += sizes.size() * cost[2];
  // Everyone gets the middle text before anyone gets the long one.
  for (const std::size_t better : {std::size_t{1}, std::size_t{0}}) {
    for (auto& text : given) {
      const auto now = text == texts[1] ? cost[1] : cost[2];
      if (cost[better] <= now) {
        text = texts[better];
        continue;
      }
      if (used + cost[better] - now > most_bytes) return given;
      used += cost[better] - now;
      text = texts[better];
    }
  }
  return given;
}

void write_openai_item(json::Writer& out, const catalog::Entry& entry) {
  out.begin_object()
      .member("id", entry.name)
      .member("object", "model")
      .member("created", 0)
      .member("owned_by", entry.facts.developer.empty() ? "unknown" : entry.facts.developer)
      .end_object();
}

}  // namespace

Result<Catalog> codex_catalog(const catalog::Pool& pool, std::string_view template_entry,
                              const std::function<bool(std::string_view)>& shown) {
  std::vector<const catalog::Entry*> order;
  const auto add = [&](bool hidden) {
    for (const auto& entry : pool.entries)
      if (entry.hidden == hidden && (!shown || shown(entry.name))) order.push_back(&entry);
  };
  add(false);
  if (order.empty())
    return invalid("the pool offers no model, and an empty catalog would leave Codex without any",
                   "tpool provider add, or enable one: tpool provider list");
  // Hidden names come last: they are no choice, but Codex looks their limits up here too.
  const auto listed = order.size();
  add(true);

  auto base = read_template(template_entry, EntryWriter::names());
  if (!base) return base.error();
  const EntryWriter writer(pool, *base);

  Catalog result;
  json::Writer out(result.json);
  out.begin_object().member("object", "list").key("data").begin_array();
  for (std::size_t i = 0; i < listed; ++i) write_openai_item(out, *order[i]);
  out.end_array().key("models").begin_array();
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < order.size(); ++i)
    sizes.push_back(writer.write(*order[i], i + 1, {}).size() + 1);
  const auto best = base->instructions.empty() ? agent_instructions : base->instructions;
  const auto texts =
      share_out(sizes, result.json.size() + 2, {best, agent_instructions, brief_instructions});
  for (std::size_t i = 0; i < order.size(); ++i) out.raw(writer.write(*order[i], i + 1, texts[i]));
  out.end_array().end_object();
  result.etag = "\"" + sha256_hex(result.json).substr(0, 32) + "\"";
  return result;
}

}  // namespace tpool::connect
