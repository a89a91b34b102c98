#include "core/protocol/chat/usage.hpp"

#include <algorithm>

#include "core/protocol/token_count.hpp"

namespace tpool::protocol::chat {

namespace {

std::int64_t first_of(std::initializer_list<json::Value> values) {
  for (const json::Value& value : values) {
    if (const auto found = token_count(value)) return *found;
  }
  return 0;
}

}  // namespace

std::optional<ir::Usage> read_usage(json::Value usage) {
  const auto prompt = token_count(usage["prompt_tokens"]);
  const auto completion = token_count(usage["completion_tokens"]);
  if (!prompt && !completion) return {};
  const json::Value in = usage["prompt_tokens_details"];
  const json::Value out = usage["completion_tokens_details"];
  ir::Usage result;
  const std::int64_t total_input = prompt.value_or(0);
  result.cache_read =
      std::min(total_input, first_of({in["cached_tokens"], usage["prompt_cache_hit_tokens"],
                                      usage["cached_tokens"], usage["cache_read_input_tokens"]}));
  result.cache_write =
      std::min(total_input - result.cache_read,
               first_of({in["cache_write_tokens"], in["cache_creation_tokens"],
                         in["cache_creation_input_tokens"], usage["cache_creation_input_tokens"]}));
  result.input = total_input - result.cache_read - result.cache_write;
  result.output = completion.value_or(0);
  result.reasoning = first_of({out["reasoning_tokens"], usage["reasoning_tokens"]});
  const auto total = token_count(usage["total_tokens"]);
  if (result.reasoning > 0 && total == total_input + result.output + result.reasoning) {
    result.output += result.reasoning;
  }
  return result;
}

void write_usage(json::Writer& writer, const ir::Usage& usage) {
  writer.begin_object().member("prompt_tokens", usage.total_input());
  writer.member("completion_tokens", usage.output);
  writer.member("total_tokens", usage.total_input() + usage.output);
  writer.key("prompt_tokens_details").begin_object().member("cached_tokens", usage.cache_read);
  if (usage.cache_write > 0) writer.member("cache_write_tokens", usage.cache_write);
  writer.end_object().key("completion_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.reasoning).end_object().end_object();
}

}  // namespace tpool::protocol::chat
