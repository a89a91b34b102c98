#include "core/catalog/facts_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/catalog/presets.hpp"

using namespace tpool;
using namespace tpool::catalog;

namespace {

constexpr std::string_view sample = R"({
  "openai": {"id": "openai", "env": ["OPENAI_API_KEY"], "models": {
    "gpt-9": {"id": "gpt-9", "name": "GPT-9", "tool_call": true, "reasoning": true,
      "reasoning_options": [{"type": "budget_tokens"}, {"type": "effort", "values": ["low", "high", null, "max"]}],
      "modalities": {"input": ["text", "image"], "output": ["text"]},
      "limit": {"context": 2000000, "output": 128000}, "cost": {"input": 4, "output": 20, "cache_read": 0.4}},
    "gpt-5": {"limit": {"context": 0.5, "output": 0}},
    "gpt-5.5": {"id": "gpt-5.5", "limit": {"context": -3, "output": 1e30}, "cost": {"input": -1, "output": 7}}}},
  "moonshotai": {"models": {"Kimi-K9": {"limit": {"context": 300000}}}},
  "openrouter": {"models": {"openai/gpt-9": {"limit": {"context": 1}, "cost": {"input": 5}}}},
  "nobody-knows": {"models": {"x": {"limit": {"context": 5}}}}
})";

FactsBook book() {
  auto parsed = FactsBook::parse(sample, "2026-11-01", "here");
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

config::Provider of(std::string preset) {
  config::Provider provider;
  provider.id = "p";
  provider.preset = std::move(preset);
  return provider;
}

}  // namespace

TEST_CASE("a fetched book goes over the bundled facts and under the store's word") {
  const auto fetched = book();
  CHECK(fetched.size() == 5);
  auto openai = of("openai");
  auto facts = facts_for("gpt-9", &openai, &fetched);
  CHECK(facts.name == "GPT-9");
  CHECK(facts.context == 2'000'000);
  CHECK(facts.takes_images());
  CHECK(facts.efforts == std::vector<std::string>{"low", "high", "max"});
  CHECK(facts.default_effort == "high");
  CHECK(facts.cost.input == 4);
  CHECK(facts.price_date == "2026-11-01");

  openai.model_facts.push_back({.id = "gpt-9", .context = 5, .cost = config::Cost{.input = 1.0}});
  facts = facts_for("gpt-9", &openai, &fetched);
  CHECK(facts.context == 5);
  CHECK(facts.cost.input == 1.0);
  CHECK(facts.cost.output == 20);
  CHECK(facts.price_date.empty());
}

TEST_CASE("figures out of range stay unknown and leave the bundled ones standing") {
  const auto fetched = book();
  const auto openai = of("openai");
  const auto bundled = facts_for("gpt-5.5", &openai);
  const auto facts = facts_for("gpt-5.5", &openai, &fetched);
  CHECK(facts.context == bundled.context);
  CHECK(facts.output == bundled.output);
  CHECK(facts_for("gpt-5", &openai, &fetched).context == facts_for("gpt-5", &openai).context);
  CHECK(facts_for("gpt-5", &openai, &fetched).output == facts_for("gpt-5", &openai).output);
  CHECK_FALSE(facts.cost.input);
  CHECK(facts.cost.output == 7);
}

TEST_CASE("limits travel between sellers, prices do not; names are found whatever their case") {
  const auto fetched = book();
  const auto groq = of("groq");
  const auto elsewhere = facts_for("openai/gpt-9-2026-10-01", &groq, &fetched);
  CHECK(elsewhere.context == 2'000'000);
  CHECK_FALSE(elsewhere.cost.input);
  const auto router = of("openrouter");
  CHECK(facts_for("openai/gpt-9", &router, &fetched).cost.input == 5);
  CHECK(facts_for("openai/gpt-9", &router, &fetched).context == 1);
  const auto moonshot = of("moonshot");
  CHECK(facts_for("kimi-k9", &moonshot, &fetched).context == 300'000);
  CHECK(facts_for("KIMI-K9", &moonshot, &fetched).context == 300'000);
}

TEST_CASE("each layer says what it knows") {
  const auto fetched = book();
  auto openai = of("openai");
  openai.model_facts.push_back({.id = "gpt-5.5", .output = 9});
  const auto layers = layers_of("gpt-5.5", &openai, &fetched);
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].source == "bundled");
  CHECK(layers[0].facts.context.has_value());
  CHECK(layers[1].source == "updated");
  CHECK(layers[1].facts.cost.output == 7);
  CHECK_FALSE(layers[1].facts.context);
  CHECK(layers[2].source == "store");
  CHECK(layers[2].facts.output == 9);
  CHECK_FALSE(layers[2].facts.context);
}

TEST_CASE("the kept form reads back the same, and the step between two books is told") {
  const auto fetched = book();
  const auto again = FactsBook::parse(fetched.text(), fetched.date(), fetched.source());
  REQUIRE(again.has_value());
  CHECK(again->sellers() == fetched.sellers());
  auto diff = compare(&fetched, *again);
  CHECK(diff.added + diff.removed + diff.changed == 0);

  auto other = FactsBook::parse(
      R"({"openai":{"models":{"gpt-9":{"cost":{"input":3}},"gpt-10":{}}}})", "2026-11-02", "there");
  REQUIRE(other.has_value());
  diff = compare(&fetched, *other);
  CHECK(diff.added == 1);
  CHECK(diff.changed == 1);
  CHECK(diff.removed == 4);
  CHECK(std::count_if(diff.lines.begin(), diff.lines.end(), [](const std::string& line) {
          return line.find("input 4 -> 3") != std::string::npos;
        }) == 1);
}

TEST_CASE("a document of another shape is refused and says which shape is meant") {
  for (const std::string_view bad :
       {"", "[]", "{}", "\"text\"", R"({"openai":{}})", R"({"openai":{"models":{"a":1}}})",
        R"({"nobody":{"models":{"a":{}}}})", R"({"openai":{"models":)"}) {
    CAPTURE(bad);
    const auto parsed = FactsBook::parse(bad, "", "");
    CHECK(parsed.has_error());
  }
}
