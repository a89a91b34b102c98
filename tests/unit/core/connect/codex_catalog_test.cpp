#include "core/connect/codex_catalog.hpp"

#include <doctest/doctest.h>

#include <set>

#include "core/connect/codex_files.hpp"
#include "core/connect/codex_instructions.hpp"
#include "core/json/value.hpp"

using namespace tpool;
using namespace tpool::connect;

namespace {

using Names = std::vector<std::string>;

config::Provider provider(std::string id, std::string preset, Names models) {
  config::Provider result;
  result.id = std::move(id);
  result.preset = std::move(preset);
  result.models = std::move(models);
  return result;
}

std::shared_ptr<const catalog::Pool> built(const config::Config& config) {
  auto pool = catalog::build(std::make_shared<const config::Config>(config), {}, "r");
  REQUIRE_MESSAGE(pool.has_value(), (pool ? std::string() : pool.error().message));
  return *pool;
}

struct Parsed {
  Catalog catalog;
  json::Document document;
};

Parsed parsed(const catalog::Pool& pool, std::string_view base = {}) {
  auto catalog = codex_catalog(pool, base);
  REQUIRE_MESSAGE(catalog.has_value(), (catalog ? std::string() : catalog.error().message));
  auto document = json::Document::parse(catalog->json);
  REQUIRE(document.has_value());
  return {std::move(*catalog), std::move(*document)};
}

json::Value entry_of(const json::Document& document, std::string_view slug) {
  const auto models = document.root()["models"];
  for (std::size_t i = 0; i < models.size(); ++i)
    if (models.at(i)["slug"].string() == slug) return models.at(i);
  return {};
}

config::Config mixed() {
  config::Config config;
  config.providers = {provider("openai", "openai", {"gpt-5"}),
                      provider("deepseek", "deepseek", {"deepseek-chat", "deepseek-v4-pro"}),
                      provider("local", "ollama", {"unknown-model"})};
  config.aliases = {{"codex-auto-review", "deepseek/deepseek-chat"}, {"fast", "openai/gpt-5"}};
  config.pool.hide = {"*-v4-pro"};
  return config;
}

// Every member that some version of Codex insists on.
constexpr const char* required[] = {"slug",
                                    "display_name",
                                    "supported_reasoning_levels",
                                    "shell_type",
                                    "visibility",
                                    "supported_in_api",
                                    "priority",
                                    "base_instructions",
                                    "support_verbosity",
                                    "truncation_policy",
                                    "experimental_supported_tools",
                                    "supports_parallel_tool_calls",
                                    "supports_reasoning_summaries"};

}  // namespace

TEST_CASE("every entry is complete, and says only what is known of its model") {
  const auto pool = built(mixed());
  const auto result = parsed(*pool);
  const auto models = result.document.root()["models"];
  CHECK(models.size() == 6);
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto entry = models.at(i);
    std::set<std::string_view> names;
    for (std::size_t k = 0; k < entry.size(); ++k)
      CHECK_MESSAGE(names.insert(entry.name_at(k)).second, entry.name_at(k));
    for (const auto* name : required) CHECK_MESSAGE(bool(entry[name]), name);
    CHECK(entry["priority"].integer() == static_cast<std::int64_t>(i) + 1);
    CHECK(entry["supports_search_tool"].boolean() == false);
    CHECK(entry["use_responses_lite"].boolean() == false);
    CHECK(entry["multi_agent_version"].string() == "v1");
    CHECK_FALSE(bool(entry["tool_mode"]));
    CHECK(entry["base_instructions"].string() == agent_instructions);
  }
  const auto gpt = entry_of(result.document, "openai/gpt-5");
  CHECK(gpt["display_name"].string() == "OpenAI / GPT-5");
  CHECK(gpt["context_window"].integer() == 400'000);
  CHECK(gpt["auto_compact_token_limit"].integer() == 244'800);
  CHECK(gpt["default_reasoning_level"].string() == "medium");
  CHECK(gpt["supported_reasoning_levels"].size() == 4);
  CHECK(gpt["input_modalities"].text() == R"(["text","image"])");
  CHECK(gpt["apply_patch_tool_type"].string() == "freeform");
  CHECK(gpt["support_verbosity"].boolean() == true);

  const auto chat = entry_of(result.document, "deepseek/deepseek-chat");
  CHECK(chat["supported_reasoning_levels"].text() == "[]");
  CHECK_FALSE(bool(chat["default_reasoning_level"]));
  CHECK(chat["default_reasoning_summary"].string() == "none");
  CHECK(chat["input_modalities"].text() == R"(["text"])");
  CHECK(chat["support_verbosity"].boolean() == false);

  const auto local = entry_of(result.document, "local/unknown-model");
  CHECK_FALSE(bool(local["context_window"]));
  CHECK_FALSE(bool(local["auto_compact_token_limit"]));
  CHECK(local["input_modalities"].text() == R"(["text"])");
}

TEST_CASE("a model that takes no tools is offered none") {
  auto config = mixed();
  config::ProviderModel said{.id = "deepseek-chat"};
  said.tool_call = false;
  config.providers[1].model_facts = {said};
  const auto result = parsed(*built(config));
  const auto chat = entry_of(result.document, "deepseek/deepseek-chat");
  CHECK_FALSE(bool(chat["apply_patch_tool_type"]));
  CHECK(chat["shell_type"].string() == "disabled");
}

TEST_CASE("hidden names are in Codex's list without showing, and in the OpenAI list not at all") {
  const auto result = parsed(*built(mixed()));
  CHECK(entry_of(result.document, "codex-auto-review")["visibility"].string() == "hide");
  CHECK(entry_of(result.document, "deepseek/deepseek-v4-pro")["visibility"].string() == "hide");
  CHECK(entry_of(result.document, "fast")["visibility"].string() == "list");
  const auto root = result.document.root();
  CHECK(root["object"].string() == "list");
  CHECK(root["data"].size() == 4);
  CHECK(root["data"].at(0)["id"].string() == "openai/gpt-5");
  CHECK(root["data"].at(0)["object"].string() == "model");
  CHECK(root["data"].at(0)["owned_by"].string() == "openai");
  CHECK(is_our_catalog(result.catalog.json));
}

TEST_CASE("the default model comes first and so is Codex's own default") {
  auto config = mixed();
  config.settings.default_model = "local/unknown-model";
  const auto result = parsed(*built(config));
  CHECK(entry_of(result.document, "local/unknown-model")["priority"].integer() == 1);
}

TEST_CASE("the ETag is quoted, and changes with the list and with nothing else") {
  const auto pool = built(mixed());
  const auto one = parsed(*pool).catalog;
  CHECK(one.etag.size() == 34);
  CHECK(one.etag.front() == '"');
  CHECK(one.etag.back() == '"');
  CHECK(parsed(*built(mixed())).catalog.etag == one.etag);
  auto config = mixed();
  config.providers[0].models = Names{"gpt-5", "gpt-5-mini"};
  CHECK(parsed(*built(config)).catalog.etag != one.etag);
}

TEST_CASE("a template lends instructions and members of its version, and none of its model's") {
  const auto pool = built(mixed());
  const std::string base =
      R"({"slug":"gpt-5.5","display_name":"GPT-5.5","base_instructions":"You are Codex, a coding )"
      R"(agent based on GPT-5.5. Work well.","model_messages":{"instructions_template":"x"},)"
      R"("tool_mode":"code_mode_only","use_responses_lite":true,"brand_new_switch":false,)"
      R"("service_tiers":[{"id":"priority"}],"upgrade":{"model":"gpt-6"},"comp_hash":"1",)"
      R"("include_skills_usage_instructions":true,"supports_search_tool":true})";
  const auto result = parsed(*pool, base);
  const auto chat = entry_of(result.document, "deepseek/deepseek-chat");
  CHECK(chat["base_instructions"].string() == "You are Codex, a coding agent. Work well.");
  CHECK(chat["brand_new_switch"].boolean() == false);
  CHECK(chat["include_skills_usage_instructions"].boolean() == true);
  CHECK(chat["display_name"].string() == "DeepSeek / DeepSeek Chat");
  for (const auto* name : {"model_messages", "tool_mode", "service_tiers", "upgrade", "comp_hash"})
    CHECK_MESSAGE(!bool(chat[name]), name);
  CHECK(chat["use_responses_lite"].boolean() == false);
  CHECK(chat["supports_search_tool"].boolean() == false);
  CHECK_FALSE(codex_catalog(*pool, "{").has_value());
  CHECK_FALSE(codex_catalog(*pool, "[]").has_value());
}

TEST_CASE("a long pool stays below a megabyte: the first entries carry the long instructions") {
  const std::string base = "{\"base_instructions\":\"" + std::string(21'000, 'x') + "\"}";
  for (const std::size_t count : {10, 300, 600}) {
    CAPTURE(count);
    config::Config config;
    Names models;
    for (std::size_t i = 0; i < count; ++i)
      models.push_back("vendor/some-model-" + std::to_string(i));
    config.providers = {provider("openrouter", "openrouter", models)};
    const auto result = parsed(*built(config), base);
    CHECK(result.catalog.json.size() < 1'000'000);
    const auto entries = result.document.root()["models"];
    REQUIRE(entries.size() == count);
    CHECK(entries.at(0)["base_instructions"].string()->size() ==
          (count > 300 ? agent_instructions.size() : std::size_t{21'000}));
    for (std::size_t i = 1; i < entries.size(); ++i)
      CHECK(entries.at(i)["base_instructions"].string()->size() <=
            entries.at(i - 1)["base_instructions"].string()->size());
    const auto last = *entries.at(count - 1)["base_instructions"].string();
    if (count == 300) CHECK(last == agent_instructions);
    if (count == 600) CHECK(last == brief_instructions);
  }
}

TEST_CASE("an empty catalog is never written") {
  CHECK_FALSE(codex_catalog(*built({}), {}).has_value());
  auto config = mixed();
  config.pool.hide = {"*"};
  const auto refused = codex_catalog(*built(config), {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::invalid);
}
