#include "core/catalog/presets.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace tpool;
using namespace tpool::catalog;

namespace {

config::Provider from_preset(std::string preset) {
  config::Provider provider;
  provider.id = "p";
  provider.preset = std::move(preset);
  return provider;
}

}  // namespace

TEST_CASE("every preset resolves as it stands, and is named once") {
  std::set<std::string_view> ids;
  for (const auto& preset : presets()) {
    CAPTURE(preset.id);
    CHECK(ids.insert(preset.id).second);
    auto provider = from_preset(std::string(preset.id));
    if (!preset.base_url_example.empty()) provider.base_url = "https://mine.example.com/v1";
    auto resolved = resolve(provider);
    REQUIRE(resolved.has_value());
    CHECK(resolved->name == preset.name);
    CHECK(resolved->protocol == preset.protocol);
    CHECK(resolved->auth == preset.auth);
    CHECK_FALSE(resolved->base_url.ends_with('/'));
    const bool remote =
        preset.base_url.starts_with("https://") || preset.base_url_example.starts_with("https://");
    CHECK(remote == (preset.auth != Auth::none));
    CHECK(remote == !preset.key_env.empty());
  }
  for (const auto* id :
       {"openai",      "anthropic",      "google",     "azure",         "openrouter", "deepseek",
        "moonshot",    "moonshot-cn",    "zhipu",      "zhipu-coding",  "zai",        "zai-coding",
        "qwen",        "qwen-cn",        "minimax",    "minimax-cn",    "xiaomi",     "xai",
        "mistral",     "groq",           "together",   "fireworks",     "cerebras",   "nvidia",
        "siliconflow", "siliconflow-cn", "volcengine", "github-models", "ollama",     "lmstudio",
        "vllm",        "llamacpp",       "sglang",     "echo"})
    CHECK(find_preset(id) != nullptr);
  CHECK(find_preset("OpenAI") == nullptr);
}

TEST_CASE("a preset carries what its provider does differently") {
  const auto deepseek = resolve(from_preset("deepseek"));
  REQUIRE(deepseek.has_value());
  CHECK(deepseek->dialect.json_schema == "json_object");
  CHECK(deepseek->dialect.reasoning_field == "reasoning_content");
  const auto openai = resolve(from_preset("openai"));
  REQUIRE(openai.has_value());
  CHECK(openai->dialect.developer_role);
  CHECK(openai->protocol == Protocol::responses);
}

TEST_CASE("a model of a preset may differ from its siblings, and the store still wins") {
  auto provider = from_preset("mistral");
  auto resolved = resolve(provider);
  REQUIRE(resolved.has_value());
  CHECK(resolved->dialect_for("codestral-latest").effort == "none");
  CHECK(resolved->dialect_for("mistral-large-4").effort == "reasoning_effort");
  CHECK(resolved->dialect_for("mistral-large-4").effort_map.at("low") == "high");
  CHECK(resolved->dialect_for("mistral-large-4").tool_id_length == 9);
  CHECK(resolved->dialect_for("mistral-small-latest").effort == "reasoning_effort");
  CHECK(resolved->dialect_for("mistral-small-2506").effort == "none");

  provider.quirks["effort"] = "thinking";
  resolved = resolve(provider);
  REQUIRE(resolved.has_value());
  CHECK(resolved->dialect_for("mistral-large-4").effort == "thinking");
}

TEST_CASE("a schema is asked for only where the provider's model takes one") {
  const auto groq = resolve(from_preset("groq"));
  REQUIRE(groq.has_value());
  CHECK(groq->dialect_for("openai/gpt-oss-120b").json_schema == "native");
  CHECK(groq->dialect_for("llama-3.3-70b-versatile").json_schema == "json_object");
  CHECK(groq->dialect_for("qwen/qwen3-32b").json_schema == "json_object");
  CHECK(groq->dialect_for("qwen/qwen3-32b").think_tags);
}

TEST_CASE("a temperature is told to no model that has its own") {
  const auto takes = [](std::string_view preset, std::string_view model) {
    auto provider = from_preset(std::string(preset));
    provider.base_url = "http://127.0.0.1:9/v1";
    return resolve(provider)->dialect_for(model).sampling;
  };
  for (const auto* model : {"gpt-5-mini", "gpt-5.6-sol", "gpt-6-luna", "o3", "o4-mini"}) {
    CAPTURE(model);
    CHECK_FALSE(takes("openai", model));
    CHECK_FALSE(takes("azure", model));
  }
  for (const auto* model : {"gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest", "gpt-5.2-chat-latest"}) {
    CAPTURE(model);
    CHECK(takes("openai", model));
  }
  CHECK_FALSE(takes("github-models", "openai/gpt-5-mini"));
  CHECK(takes("github-models", "openai/gpt-4o"));
  for (const auto* model : {"kimi-k2.5", "kimi-k2.7-code-preview", "kimi-k3"})
    CHECK_FALSE(takes("moonshot", model));
  CHECK(takes("moonshot-cn", "kimi-k2-0905-preview"));
}

TEST_CASE("a preset without an address asks for one and shows its shape") {
  const auto resolved = resolve(from_preset("azure"));
  REQUIRE_FALSE(resolved.has_value());
  CHECK(resolved.error().hint.find("openai.azure.com") != std::string::npos);
}

TEST_CASE("what the store says goes before the preset") {
  auto provider = from_preset("deepseek");
  provider.name = "Mine";
  provider.base_url = "http://127.0.0.1:9/v1//";
  provider.quirks["json_schema"] = "none";
  provider.timeouts.idle = Milliseconds(7000);
  const auto resolved = resolve(provider);
  REQUIRE(resolved.has_value());
  CHECK(resolved->name == "Mine");
  CHECK(resolved->base_url == "http://127.0.0.1:9/v1");
  CHECK(resolved->dialect.json_schema == "none");
  CHECK(resolved->idle == Milliseconds(7000));
  CHECK(resolved->connect == Milliseconds(5000));
  CHECK(resolved->stored == &provider);
}

TEST_CASE("another protocol than the preset's starts from that protocol's customs") {
  auto provider = from_preset("deepseek");
  provider.protocol = Protocol::messages;
  provider.base_url = "https://api.deepseek.com/anthropic";
  const auto resolved = resolve(provider);
  REQUIRE(resolved.has_value());
  CHECK(resolved->auth == Auth::x_api_key);
  CHECK(resolved->dialect == protocol::Dialect{});
}

TEST_CASE("what a preset says of another protocol holds where that one is spoken") {
  for (const std::string id : {"openai", "azure"}) {
    CAPTURE(id);
    auto provider = from_preset(id);
    provider.base_url = "https://mine.example.com/v1";
    CHECK(resolve(provider)->dialect.max_tokens_field == "max_tokens");
    provider.protocol = Protocol::chat;
    auto resolved = resolve(provider);
    REQUIRE(resolved.has_value());
    CHECK(resolved->dialect.max_tokens_field == "max_completion_tokens");
    CHECK(resolved->dialect.developer_role);
    CHECK(resolved->dialect.verbosity);
    CHECK(resolved->dialect.prompt_cache_key);
    CHECK_FALSE(resolved->dialect.tool_images);
    provider.quirks["max_tokens_field"] = "max_tokens";
    resolved = resolve(provider);
    REQUIRE(resolved.has_value());
    CHECK(resolved->dialect.max_tokens_field == "max_tokens");
    CHECK(resolved->dialect.developer_role);
  }
  auto minimax = from_preset("minimax");
  CHECK_FALSE(resolve(minimax)->dialect.think_tags);
  minimax.protocol = Protocol::chat;
  CHECK(resolve(minimax)->dialect.think_tags);
}

TEST_CASE("a provider that says neither protocol nor address is refused by name") {
  config::Provider provider;
  provider.id = "bare";
  auto resolved = resolve(provider);
  REQUIRE_FALSE(resolved.has_value());
  CHECK(resolved.error().code == Code::invalid);
  CHECK(resolved.error().message.find("bare") != std::string::npos);

  provider.protocol = Protocol::chat;
  resolved = resolve(provider);
  REQUIRE_FALSE(resolved.has_value());
  CHECK(resolved.error().message.find("base_url") != std::string::npos);

  provider.protocol = Protocol::echo;
  CHECK(resolve(provider).has_value());
}

TEST_CASE("an unknown preset or quirk names the provider and what is near") {
  auto resolved = resolve(from_preset("deepsek"));
  REQUIRE_FALSE(resolved.has_value());
  CHECK(resolved.error().hint.find("deepseek") != std::string::npos);

  auto provider = from_preset("deepseek");
  provider.quirks["colour"] = "blue";
  resolved = resolve(provider);
  REQUIRE_FALSE(resolved.has_value());
  CHECK(resolved.error().message.find("provider p") == 0);
}

TEST_CASE("a Messages base without its version gets one") {
  config::Provider provider;
  provider.id = "p";
  provider.protocol = Protocol::messages;
  for (const char* base :
       {"https://api.example.com/anthropic", "https://api.example.com/anthropic/",
        "https://api.example.com/anthropic/v1"}) {
    provider.base_url = base;
    const auto resolved = resolve(provider);
    REQUIRE(resolved.has_value());
    CHECK(resolved->base_url == "https://api.example.com/anthropic/v1");
  }
  provider.protocol = Protocol::chat;
  provider.base_url = "https://api.example.com";
  CHECK(resolve(provider)->base_url == "https://api.example.com");
}

TEST_CASE("models of Anthropic and Google are asked to think in their own ways") {
  const auto claude = resolve(from_preset("anthropic"));
  REQUIRE(claude.has_value());
  CHECK(claude->dialect_for("claude-opus-5-5").effort == "adaptive");
  CHECK(claude->dialect_for("claude-opus-5-5").effort_map.at("none") == "low");
  CHECK_FALSE(claude->dialect_for("claude-sonnet-5-5").sampling);
  CHECK(claude->dialect_for("claude-opus-4-8").effort == "adaptive");
  CHECK(claude->dialect_for("claude-opus-4-8").effort_map.empty());
  CHECK(claude->dialect_for("claude-opus-4-20250514").effort == "budget");
  CHECK(claude->dialect_for("claude-haiku-4-5-20251001").effort == "budget");
  const auto gemini = resolve(from_preset("google"));
  REQUIRE(gemini.has_value());
  CHECK(gemini->dialect_for("gemini-2.5-pro").effort == "budget");
  CHECK_FALSE(gemini->dialect_for("gemini-3.8-flash").signature_placeholder.empty());
}
