#include "core/connect/claude.hpp"

#include <doctest/doctest.h>

using namespace tpool;

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
