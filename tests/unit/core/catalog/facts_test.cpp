#include "core/catalog/facts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/catalog/facts_table.hpp"
#include "core/catalog/presets.hpp"

using namespace tpool;
using namespace tpool::catalog;

namespace {

config::Provider deepseek() {
  config::Provider provider;
  provider.id = "deepseek";
  provider.preset = "deepseek";
  return provider;
}

}  // namespace

TEST_CASE("the bundled table has each id once, and every default effort is one of the efforts") {
  std::set<std::string_view> ids;
  for (const auto& entry : bundled_facts) {
    CAPTURE(entry.id);
    CHECK(ids.insert(entry.id).second);
    const auto facts = facts_for(entry.id, nullptr);
    CHECK(facts.efforts.empty() == facts.default_effort.empty());
    if (!facts.efforts.empty())
      CHECK(std::count(facts.efforts.begin(), facts.efforts.end(), facts.default_effort) == 1);
    if (!entry.seller.empty()) CHECK(find_preset(entry.seller) != nullptr);
    if (facts.context && facts.output) CHECK(*facts.output <= *facts.context);
  }
}

TEST_CASE("every model a preset names is in the table") {
  for (const auto& preset : presets())
    for (const auto model : preset.models) {
      CAPTURE(model);
      CHECK(facts_for(model, nullptr).context.has_value());
    }
}

TEST_CASE("facts are found without vendor, date and tag") {
  const auto plain = facts_for("gpt-5", nullptr);
  REQUIRE(plain.context);
  for (const auto* id : {"openai/gpt-5", "gpt-5-2025-08-07", "openai/gpt-5-20250807",
                         "gpt-5-latest", "openai/gpt-5:nitro", "gpt-5 [1m]"})
    CHECK_MESSAGE(facts_for(id, nullptr).context == plain.context, id);
  CHECK_FALSE(facts_for("gpt-5-pocket", nullptr).context);
  CHECK_FALSE(facts_for("", nullptr).context);
}

TEST_CASE("unknown stays unknown, but a vendor's half of the id names the developer") {
  const auto facts = facts_for("acme/rocket-7b", nullptr);
  CHECK(facts.developer == "acme");
  CHECK(facts.name.empty());
  CHECK_FALSE(facts.context);
  CHECK_FALSE(facts.tool_call);
  CHECK_FALSE(facts.cost.input);
  CHECK(facts.input.empty());
  CHECK(facts_for("rocket-7b", nullptr).developer == "unknown");
}

TEST_CASE("a price holds only where it is asked") {
  const auto own = deepseek();
  CHECK(facts_for("deepseek-chat", &own).cost.input == 0.28);
  auto other = deepseek();
  other.preset = "openrouter";
  CHECK_FALSE(facts_for("deepseek/deepseek-chat", &other).cost.input);
  CHECK(facts_for("deepseek/deepseek-chat", &other).context);
  CHECK_FALSE(facts_for("deepseek-chat:free", &own).cost.input);
  CHECK(price_date().size() == 10);
}

TEST_CASE("what the store says of a model goes before the table, field by field") {
  auto provider = deepseek();
  config::ProviderModel said{.id = "deepseek-chat"};
  said.context = 131072;
  said.cost = config::Cost{.input = 1.5};
  said.input = std::vector<std::string>{"text", "image"};
  provider.model_facts = {said};
  const auto facts = facts_for("deepseek-chat", &provider);
  CHECK(facts.context == 131072);
  CHECK(facts.takes_images());
  CHECK(facts.cost.input == 1.5);
  CHECK(facts.cost.output == 0.42);
  CHECK(facts.name == "DeepSeek Chat");
}

TEST_CASE("efforts set by hand keep a default that is one of them") {
  auto provider = deepseek();
  config::ProviderModel said{.id = "mine"};
  said.efforts = std::vector<std::string>{"low", "medium", "high"};
  provider.model_facts = {said};
  auto facts = facts_for("mine", &provider);
  CHECK(facts.default_effort == "medium");
  CHECK(facts.reasoning == true);

  provider.model_facts[0].reasoning = false;
  facts = facts_for("mine", &provider);
  CHECK(facts.efforts.empty());
  CHECK(facts.default_effort.empty());
}

TEST_CASE("no reasoning is an effort of the models that know it, and of no other") {
  const auto knows = [](std::string_view model, std::string_view effort) {
    const auto efforts = facts_for(model, nullptr).efforts;
    return std::find(efforts.begin(), efforts.end(), effort) != efforts.end();
  };
  for (const auto* model : {"gpt-5.1", "gpt-5.2", "gpt-5.4", "gpt-5.5", "gpt-5.6-luna"})
    CHECK(knows(model, "none"));
  for (const auto* model : {"gpt-5", "gpt-5-mini", "gpt-5.3-codex", "o4-mini"})
    CHECK_FALSE(knows(model, "none"));
  CHECK(knows("gpt-5.6-terra", "max"));
  CHECK_FALSE(knows("gpt-5.5", "max"));
}

TEST_CASE("a name of one's own starts from the facts of the model it stands for") {
  auto provider = deepseek();
  config::ProviderModel said{.id = "fast"};
  said.upstream = "deepseek-chat";
  provider.model_facts = {said};
  CHECK(facts_for("fast", &provider).developer == "deepseek");
  CHECK(facts_for("fast", &provider).tool_call == true);
}
