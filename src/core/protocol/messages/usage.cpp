#include "core/protocol/messages/usage.hpp"

#include "core/protocol/token_count.hpp"

namespace tpool::protocol::messages {

void add_usage(json::Value usage, std::optional<ir::Usage>& sum) {
  const auto input = token_count(usage["input_tokens"]);
  const auto output = token_count(usage["output_tokens"]);
  const auto read = token_count(usage["cache_read_input_tokens"]);
  const auto write = token_count(usage["cache_creation_input_tokens"]);
  if (!sum) {
    // Zeros at a start are no counts yet.
    const auto any = [](std::optional<std::int64_t> told) { return told.value_or(0) > 0; };
    if (!any(input) && !any(output) && !any(read) && !any(write)) return;
    sum.emplace();
  }
  const auto take = [](std::optional<std::int64_t> told, std::int64_t& into) {
    if (told && *told > 0) into = *told;
  };
  take(input, sum->input);
  take(output, sum->output);
  take(read, sum->cache_read);
  take(write, sum->cache_write);
  const json::Value details = usage["output_tokens_details"];
  take(token_count(details[details["thinking_tokens"] ? "thinking_tokens" : "reasoning_tokens"]),
       sum->reasoning);
}

void write_usage(json::Writer& writer, const ir::Usage& usage) {
  writer.begin_object().member("input_tokens", usage.input);
  writer.member("cache_creation_input_tokens", usage.cache_write);
  writer.member("cache_read_input_tokens", usage.cache_read);
  writer.member("output_tokens", usage.output);
  if (usage.reasoning > 0) {
    writer.key("output_tokens_details").begin_object();
    writer.member("thinking_tokens", usage.reasoning).end_object();
  }
  writer.end_object();
}

}  // namespace tpool::protocol::messages
