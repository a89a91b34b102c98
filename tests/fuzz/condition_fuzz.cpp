// Conditions of rules: any text parses to something that can be asked, or is refused in its place.
#include "core/config/condition.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  const auto condition = config::Condition::parse(text);
  if (!condition) {
    require(!condition.error().message.empty(), "a refusal has words");
    return 0;
  }
  config::Asked asked;
  asked.request_class = "background";
  asked.protocol = "chat";
  asked.tools = true;
  asked.prompt_tokens = static_cast<std::int64_t>(size);
  const bool holds = condition->holds(asked);
  const auto again = config::Condition::parse(condition->text());
  require(again.has_value() && again->holds(asked) == holds, "its own text means the same");
  return 0;
}
