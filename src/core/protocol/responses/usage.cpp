#include "core/protocol/responses/usage.hpp"

#include <algorithm>

#include "core/protocol/token_count.hpp"

namespace tpool::protocol::responses {

std::optional<ir::Usage> read_usage(json::Value usage) {
  // Some gateways answer with the names of Chat.
  const auto input = token_count(usage[usage["input_tokens"] ? "input_tokens" : "prompt_tokens"]);
  const auto output =
      token_count(usage[usage["output_tokens"] ? "output_tokens" : "completion_tokens"]);
  if (!input && !output) return {};
  const json::Value in = usage["input_tokens_details"];
  ir::Usage result;
  const std::int64_t total = input.value_or(0);
  result.cache_read = std::min(total, token_count(in["cached_tokens"]).value_or(0));
  result.cache_write =
      std::min(total - result.cache_read, token_count(in["cache_write_tokens"]).value_or(0));
  result.input = total - result.cache_read - result.cache_write;
  result.output = output.value_or(0);
  result.reasoning = token_count(usage["output_tokens_details"]["reasoning_tokens"]).value_or(0);
  return result;
}

void write_usage(json::Writer& writer, const ir::Usage& usage) {
  writer.begin_object().member("input_tokens", usage.total_input());
  writer.key("input_tokens_details").begin_object().member("cached_tokens", usage.cache_read);
  if (usage.cache_write > 0) writer.member("cache_write_tokens", usage.cache_write);
  writer.end_object().member("output_tokens", usage.output);
  writer.key("output_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.reasoning).end_object();
  writer.member("total_tokens", usage.total_input() + usage.output).end_object();
}

}  // namespace tpool::protocol::responses
