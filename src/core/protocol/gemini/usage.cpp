#include "core/protocol/gemini/usage.hpp"

#include <algorithm>

#include "core/protocol/token_count.hpp"

namespace tpool::protocol::gemini {

std::optional<ir::Usage> read_usage(json::Value metadata) {
  const auto prompt = token_count(metadata["promptTokenCount"]);
  const auto answer = token_count(metadata["candidatesTokenCount"]);
  const auto thoughts = token_count(metadata["thoughtsTokenCount"]).value_or(0);
  const auto total = token_count(metadata["totalTokenCount"]);
  if (!prompt && !answer && !total) return {};
  // What Google's own tools added to the prompt is counted beside it.
  const std::int64_t tools = token_count(metadata["toolUsePromptTokenCount"]).value_or(0);
  ir::Usage usage;
  usage.cache_read =
      std::min(prompt.value_or(0), token_count(metadata["cachedContentTokenCount"]).value_or(0));
  usage.input = prompt.value_or(0) - usage.cache_read + tools;
  usage.output = answer.value_or(0);
  usage.reasoning = thoughts;
  // Thoughts are not among the candidates' tokens, unless the sum says so.
  const bool inside = total && *total == usage.total_input() + usage.output;
  if (!inside || thoughts > usage.output) usage.output += thoughts;
  return usage;
}

}  // namespace tpool::protocol::gemini
