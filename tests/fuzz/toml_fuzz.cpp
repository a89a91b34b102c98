// The store's text: loaded, saved and loaded again it means the same, and an edit changes that
// only.
#include "core/config/toml.hpp"

#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  const auto before = config::parse(text, "fuzz.toml");
  if (!before) {
    require(!before.error().message.empty(), "a refusal says why");
    return 0;
  }
  require(config::check_syntax(text, "fuzz.toml").has_value(), "what parses has no syntax error");
  const auto same = config::rewrite(text, *before, *before);
  require(same.has_value() && *same == text, "saved unchanged it stays as it is, byte by byte");
  auto after = *before;
  after.pool.enabled = !after.pool.enabled;
  after.settings.default_model = "fuzz/model";
  if (!after.providers.empty()) after.providers.pop_back();
  const auto edited = config::rewrite(text, *before, after);
  // A text may be laid out in a way an edit cannot keep; then it is refused, never damaged.
  if (!edited) return 0;
  const auto loaded = config::parse(*edited, "fuzz.toml");
  require(loaded.has_value() && *loaded == after, "what is saved is what loads");
  return 0;
}
