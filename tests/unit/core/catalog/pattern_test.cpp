#include "core/catalog/pattern.hpp"

#include <doctest/doctest.h>

#include "core/catalog/model_names.hpp"
#include "core/catalog/pool.hpp"

using namespace tpool;
using namespace tpool::catalog;

TEST_CASE("a glob covers the whole name and crosses slashes") {
  CHECK(*matches("*-preview", "p/kimi-k2-preview"));
  CHECK_FALSE(*matches("*-preview", "kimi-k2-preview-2"));
  CHECK(*matches("gpt-?", "gpt-5"));
  CHECK_FALSE(*matches("gpt-?", "gpt-5-mini"));
  CHECK(*matches("*", ""));
  CHECK(*matches("a*b*c", "a/b/b/c"));
  CHECK_FALSE(*matches("a*b*c", "a/b/b"));
  CHECK_FALSE(*matches("GPT-*", "gpt-5"));
}

TEST_CASE("a glob of stars ends quickly on a long name") {
  const std::string name(20'000, 'a');
  CHECK_FALSE(*matches("*a*a*a*a*a*a*a*a*b", name));
}

TEST_CASE("between slashes stands a regular expression, matched anywhere") {
  CHECK(*matches("/^openai/.*-mini$/", "openai/gpt-5-mini"));
  CHECK(*matches("/4o|4\\.1/", "gpt-4o-mini"));
  CHECK_FALSE(*matches("/^gpt/", "openai/gpt"));
}

TEST_CASE("a pattern that cannot be read is refused with the reason") {
  const auto bad = matches("/(/", "x");
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == Code::invalid);
  CHECK(bad.error().message.find("/(/") != std::string::npos);
  CHECK_FALSE(matches("", "x").has_value());
  CHECK_FALSE(matches(std::string(2000, 'a'), "x").has_value());
}

TEST_CASE("a long-context marker is taken off in any case, with or without spaces") {
  for (const auto* text : {"m[1m]", "m[1M]", "m [1m]", "m  [1M]", "m[1m] [1m]"}) {
    CAPTURE(text);
    const auto named = strip_marker(text);
    CHECK(named.name == "m");
    CHECK(named.long_context);
  }
  for (const auto* text : {"m", "m[2m]", "[1m]m", "m[1m]x", "[1m]", ""}) {
    CAPTURE(text);
    CHECK(strip_marker(text).name == text);
    CHECK_FALSE(strip_marker(text).long_context);
  }
}

TEST_CASE("what cannot chat is told by whole words of its name") {
  for (const auto* id : {"text-embedding-3-large", "whisper-1", "tts-1-hd", "dall-e-3",
                         "gpt-image-1", "omni-moderation-latest", "nomic-embed-text:latest",
                         "glm-asr-2512", "gpt-realtime-mini", "sora-2"})
    CHECK_MESSAGE(!can_chat(id), id);
  for (const auto* id : {"gpt-5", "deepseek-chat", "anthropic/claude-sonnet-5", "echo-1",
                         "acme/glasrad", "qwen3:8b", "o3"})
    CHECK_MESSAGE(can_chat(id), id);
}
