#include "core/protocol/gemini/usage.hpp"

#include <algorithm>

namespace tpool::protocol::gemini {

namespace {

std::optional<std::int64_t> count(json::Value value) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  if (const auto whole = value.integer()) return std::clamp<std::int64_t>(*whole, 0, most);
  const auto number = value.number();
  if (!number || !(*number >= 0) || *number > static_cast<double>(most)) return {};
  return static_cast<std::int64_t>(*number);
}

}  // namespace

std::optional<ir::Usage> read_usage(json::Value metadata) {
  const auto prompt = count(metadata["promptTokenCount"]);
  const auto answer = count(metadata["candidatesTokenCount"]);
  const auto thoughts = count(metadata["thoughtsTokenCount"]).value_or(0);
  const auto total = count(metadata["totalTokenCount"]);
  if (!prompt && !answer && !total) return {};
  // What Google's own tools added to the prompt is counted beside it.
  const std::int64_t tools = count(metadata["toolUsePromptTokenCount"]).value_or(0);
  ir::Usage usage;
  usage.cache_read =
      std::min(prompt.value_or(0), count(metadata["cachedContentTokenCount"]).value_or(0));
  usage.input = prompt.value_or(0) - usage.cache_read + tools;
  usage.output = answer.value_or(0);
  usage.reasoning = thoughts;
  // Thoughts are not among the candidates' tokens, unless the sum says so.
  const bool inside = total && *total == usage.total_input() + usage.output;
  if (!inside || thoughts > usage.output) usage.output += thoughts;
  return usage;
}

}  // namespace tpool::protocol::gemini
