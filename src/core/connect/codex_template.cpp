#include "core/connect/codex_template.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/json/value.hpp"

namespace tpool::connect {
namespace {

constexpr std::size_t most_carried = 256;

// Members of a template entry that speak of that model or of OpenAI's own service, and would be
// untrue or harmful for another: they are never carried over.
constexpr std::array<std::string_view, 16> not_carried{"model_messages",
                                                       "service_tiers",
                                                       "default_service_tier",
                                                       "additional_speed_tiers",
                                                       "comp_hash",
                                                       "tool_mode",
                                                       "web_search_provider",
                                                       "node_repl_auto_review_required",
                                                       "node_repl_disabled",
                                                       "auto_review_model_override",
                                                       "default_verbosity",
                                                       "supports_experimental_context",
                                                       "multi_agent_reasoning_effort",
                                                       "supports_reasoning_effort_updates",
                                                       "instructions_template",
                                                       "web_search_tool_type"};

// The instructions of a template speak of the model it belongs to; ours may be any.
std::string neutral(std::string_view instructions) {
  std::string text(instructions);
  constexpr std::string_view claim = " based on GPT-";
  for (auto at = text.find(claim); at != std::string::npos; at = text.find(claim, at)) {
    auto end = at + claim.size();
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                                 (text[end] == '.' && end + 1 < text.size() &&
                                  std::isdigit(static_cast<unsigned char>(text[end + 1])) != 0)))
      ++end;
    text.erase(at, end - at);
  }
  return text;
}

}  // namespace

Result<CodexTemplate> read_template(std::string_view text,
                                    const std::vector<std::string_view>& written) {
  CodexTemplate result;
  if (text.empty()) return result;
  auto document = json::Document::parse(text, "Codex's bundled entry");
  if (!document) return document.error();
  const auto root = document->root();
  if (!root.is_object()) return invalid("Codex's bundled entry is not an object");
  result.instructions = neutral(root["base_instructions"].string_or(""));
  for (std::size_t i = 0; i < root.size(); ++i) {
    const auto name = root.name_at(i);
    const auto is_name = [&](std::string_view other) { return other == name; };
    if (std::any_of(not_carried.begin(), not_carried.end(), is_name) ||
        std::any_of(written.begin(), written.end(), is_name))
      continue;
    auto value = root.member_at(i).text();
    if (value.size() <= most_carried) result.carried.emplace_back(name, std::move(value));
  }
  return result;
}

}  // namespace tpool::connect
