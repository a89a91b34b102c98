#include "core/connect/claude.hpp"

#include <doctest/doctest.h>

using namespace tpool;

namespace {

std::string value_of(const connect::ClaudeWiring& wiring, const char* name) {
  for (const auto& key : connect::claude_keys(wiring))
    if (key.path.back() == name) return key.value;
  return "missing";
}

}  // namespace

TEST_CASE("Claude Code is told what its models take, where it would believe in more") {
  using Window = std::optional<std::int64_t>;
  struct Case {
    Window opus, sonnet;
    const char* no_long_window;
    const char* window;
  };
  for (const auto& [opus, sonnet, no_long_window, window] :
       {Case{{}, {}, "\"1\"", ""}, Case{200'000, {}, "\"1\"", ""}, Case{1'000'000, 200'000, "", ""},
        Case{1'048'576, 1'000'000, "", ""}, Case{131'072, 131'072, "\"1\"", "\"131072\""},
        Case{1'000'000, 128'000, "", "\"128000\""}, Case{{}, 64'000, "\"1\"", "\"64000\""}}) {
    connect::ClaudeWiring wiring;
    wiring.opus_context = opus;
    wiring.sonnet_context = sonnet;
    CHECK(value_of(wiring, "CLAUDE_CODE_DISABLE_1M_CONTEXT") == no_long_window);
    CHECK(value_of(wiring, "CLAUDE_CODE_AUTO_COMPACT_WINDOW") == window);
  }
}

TEST_CASE("the newest Claude of a size is told by its name, without its date and its folders") {
  catalog::Pool pool;
  for (const char* name :
       {"openai/gpt-5.5", "a/claude-3-opus-20240229", "a/claude-opus-4-20250514",
        "a/claude-opus-4-1-20250805", "b/anthropic/Claude-Opus-4.5", "a/claude-opus-4-5",
        "a/claude-3-5-haiku-20241022", "a/claude-haiku-4-5", "c/my-claude-opus-9"}) {
    catalog::Entry entry;
    entry.name = name;
    pool.entries.push_back(std::move(entry));
  }
  CHECK(connect::claude_of_size(pool, "opus") == "b/anthropic/Claude-Opus-4.5");
  CHECK(connect::claude_of_size(pool, "haiku") == "a/claude-haiku-4-5");
  CHECK(connect::claude_of_size(pool, "sonnet").empty());
  pool.entries[4].hidden = pool.entries[5].hidden = true;
  CHECK(connect::claude_of_size(pool, "opus") == "a/claude-opus-4-1-20250805");
}
