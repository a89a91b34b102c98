#include "core/protocol/responses/usage.hpp"

#include <algorithm>
#include <array>

#include "core/json/pick.hpp"
#include "core/protocol/token_count.hpp"

namespace tpool::protocol::responses {
namespace {

constexpr std::string_view input_details = "input_tokens_details";
constexpr std::string_view output_details = "output_tokens_details";

// `count(name)` and `count(object, name)` tell the counts that are there.
template <class Count>
std::optional<ir::Usage> usage_of(const Count& count) {
  // Some gateways answer with the names of Chat.
  auto input = count("input_tokens");
  if (!input) input = count("prompt_tokens");
  auto output = count("output_tokens");
  if (!output) output = count("completion_tokens");
  if (!input && !output) return {};
  ir::Usage result;
  const std::int64_t total = input.value_or(0);
  result.cache_read = std::min(total, count(input_details, "cached_tokens").value_or(0));
  result.cache_write =
      std::min(total - result.cache_read, count(input_details, "cache_write_tokens").value_or(0));
  result.input = total - result.cache_read - result.cache_write;
  result.output = output.value_or(0);
  result.reasoning = count(output_details, "reasoning_tokens").value_or(0);
  return result;
}

struct InDocument {
  std::optional<std::int64_t> operator()(std::string_view name) const {
    return token_count(usage[name]);
  }
  std::optional<std::int64_t> operator()(std::string_view object, std::string_view name) const {
    return token_count(usage[object][name]);
  }
  json::Value usage;
};

class InText {
 public:
  explicit InText(std::string_view text) { json::pick(text, names, values_); }

  std::optional<std::int64_t> operator()(std::string_view name) const {
    return token_count(of(name));
  }
  std::optional<std::int64_t> operator()(std::string_view object, std::string_view name) const {
    std::string_view value;
    const auto inside = of(object);
    if (inside.empty() || !json::pick(inside, {&name, 1}, {&value, 1})) return {};
    return token_count(value);
  }

 private:
  static constexpr std::array<std::string_view, 6> names{"input_tokens",  "prompt_tokens",
                                                         "output_tokens", "completion_tokens",
                                                         input_details,   output_details};

  std::string_view of(std::string_view name) const {
    return values_[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())];
  }

  std::array<std::string_view, names.size()> values_{};
};

}  // namespace

std::optional<ir::Usage> read_usage(json::Value usage) { return usage_of(InDocument{usage}); }

std::optional<ir::Usage> read_usage(std::string_view text) { return usage_of(InText(text)); }

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
