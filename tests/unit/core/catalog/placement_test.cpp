#include "core/catalog/placement.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/catalog/rules.hpp"
#include "core/config/condition.hpp"

using namespace tpool;
using namespace tpool::catalog;

namespace {

using Names = std::vector<std::string>;

config::Provider chat_provider(std::string id, Names models, Names tags = {}) {
  config::Provider provider;
  provider.id = std::move(id);
  provider.protocol = Protocol::chat;
  provider.base_url = "http://127.0.0.1:9/v1";
  provider.models = std::move(models);
  provider.tags = std::move(tags);
  return provider;
}

config::Rule for_model(std::string id, std::string model, std::string provider) {
  config::Rule rule;
  rule.id = std::move(id);
  rule.model = std::move(model);
  rule.provider = std::move(provider);
  return rule;
}

config::Rule for_developer(std::string id, std::string developer, std::string tag) {
  config::Rule rule;
  rule.id = std::move(id);
  rule.developer = std::move(developer);
  rule.tag = std::move(tag);
  return rule;
}

std::shared_ptr<const Pool> must_build(const config::Config& config) {
  auto pool = build(std::make_shared<const config::Config>(config), {}, "r");
  REQUIRE_MESSAGE(pool.has_value(), (pool ? std::string() : pool.error().message));
  return *pool;
}

// "a/m@10" for each route, failover after a "|".
Names routes(const Pool& pool, std::string_view name) {
  Names lines;
  const auto* entry = pool.find(name);
  if (!entry) return {"none"};
  const auto add = [&](const Route& route) {
    lines.push_back(pool.providers[route.provider].id + "/" + route.upstream + "@" +
                    std::to_string(route.tier));
  };
  std::ranges::for_each(entry->routes, add);
  if (!entry->failover.empty()) lines.emplace_back("|");
  std::ranges::for_each(entry->failover, add);
  return lines;
}

Names effective(const config::Config& config, const config::Model& model) {
  Names ids;
  for (const auto& one : effective_rules(config, model, "acme")) ids.push_back(one.rule->id);
  return ids;
}

}  // namespace

TEST_CASE("effective rules stand by priority, own before inherited, then as declared") {
  config::Config config;
  auto early = for_developer("early", "acme", "t");
  early.priority = 5;
  auto off = for_model("off", "m", "a");
  off.enabled = false;
  config.rules = {for_developer("d1", "acme", "t"),
                  for_model("m1", "m", "a"),
                  for_model("m2", "m", "b"),
                  off,
                  early,
                  for_developer("d2", "acme", "t"),
                  for_model("other", "n", "a"),
                  for_developer("rival", "rival", "t")};
  CHECK(effective(config, {.id = "m"}) == Names{"early", "m1", "m2", "d1", "d2"});
  CHECK(effective(config, {.id = "m", .inherit = false}) == Names{"m1", "m2"});
  CHECK(effective(config, {.id = "x"}) == Names{"early", "d1", "d2"});
}

TEST_CASE("a developer's rule gives each of its models a copy with the model's own id") {
  config::Config config;
  config.providers = {chat_provider("a", {"m", "n"}, {"official"}),
                      chat_provider("b", {"n", "m"}, {"official"}), chat_provider("c", {"m"})};
  config.models = {{.id = "m", .developer = "acme"},
                   {.id = "n", .developer = "acme"},
                   {.id = "k", .developer = "acme"}};
  config.rules = {for_developer("r", "acme", "official")};
  const auto pool = must_build(config);
  CHECK(routes(*pool, "m") == Names{"a/m@100", "b/m@100"});
  CHECK(routes(*pool, "n") == Names{"a/n@100", "b/n@100"});
  CHECK(pool->find("m")->routes[0].rule == "r");
  // Listed nowhere with that tag: an error that names the rule.
  CHECK(routes(*pool, "k") == Names{"none"});
  const auto why = pool->explain_unknown("k");
  CHECK(why.message.find("rule r (tag official, priority 100)") != std::string::npos);
}

TEST_CASE("without inheritance and rules of its own a model falls back to where it is listed") {
  config::Config config;
  config.providers = {chat_provider("a", {"m"}, {"official"}), chat_provider("b", {"m"})};
  config.providers[1].tier = 3;
  config.models = {{.id = "m", .developer = "acme", .inherit = false}};
  config.rules = {for_developer("r", "acme", "official")};
  CHECK(routes(*must_build(config), "m") == Names{"a/m@100", "b/m@3"});
  config.models[0].fallback = false;
  CHECK(routes(*must_build(config), "m") == Names{"none"});
  // A rule that is switched off is no rule.
  config.models[0].fallback = true;
  config.models[0].inherit = true;
  config.rules[0].enabled = false;
  CHECK(routes(*must_build(config), "m").size() == 2);
}

TEST_CASE("upstream is exact, match is a glob or an expression, sorted by name") {
  config::Config config;
  config.providers = {chat_provider("a", {"v/m-3", "v/m-1", "v/m-2", "x"})};
  config.providers[0].exclude = {"v/m-2"};
  config.models = {{.id = "m"}};
  auto rule = for_model("r", "m", "a");
  rule.match = "v/m-*";
  config.rules = {rule};
  CHECK(routes(*must_build(config), "m") == Names{"a/v/m-1@100", "a/v/m-3@100"});
  config.rules[0].match = "/m-[23]$/";
  CHECK(routes(*must_build(config), "m") == Names{"a/v/m-3@100"});
  config.rules[0].match.reset();
  config.rules[0].upstream = "not/listed";
  CHECK(routes(*must_build(config), "m") == Names{"a/not/listed@100"});
  config.rules[0].upstream = "v/m-2";
  CHECK(routes(*must_build(config), "m") == Names{"none"});
  CHECK(must_build(config)->explain_unknown("m").message.find("excludes v/m-2") !=
        std::string::npos);
  config.rules[0].upstream.reset();
  config.rules[0].match = "/(/";
  const auto broken = build(std::make_shared<const config::Config>(config), {}, "r");
  REQUIRE(broken.has_error());
  CHECK(broken.error().message.find("rule r") == 0);
}

TEST_CASE("a place that an earlier rule gives always is dropped, one it gives sometimes stays") {
  config::Config config;
  config.providers = {chat_provider("a", {"m"}), chat_provider("b", {"m"})};
  config.models = {{.id = "m"}};
  config.rules = {for_model("r1", "m", "a"), for_model("r2", "m", "b"), for_model("r3", "m", "a")};
  auto pool = must_build(config);
  CHECK(routes(*pool, "m") == Names{"a/m@100", "b/m@100"});
  CHECK(pool->find("m")->slots == 2);
  config.rules[0].when = "stream";
  pool = must_build(config);
  CHECK(routes(*pool, "m") == Names{"a/m@100", "b/m@100", "a/m@100"});
  const auto* entry = pool->find("m");
  CHECK(entry->slots == 2);
  CHECK(entry->routes[0].slot == entry->routes[2].slot);
  CHECK(entry->routes[0].when->text() == "stream");
  CHECK(entry->routes[2].when == nullptr);
}

TEST_CASE("a disabled provider is out of every rule's reach, and the answer says so") {
  config::Config config;
  config.providers = {chat_provider("a", {"m"}), chat_provider("b", {"x"})};
  config.providers[0].enabled = false;
  config.models = {{.id = "m"}};
  config.rules = {for_model("r", "m", "a")};
  CHECK(must_build(config)->explain_unknown("m").message.find("provider a is disabled") !=
        std::string::npos);
  config.rules[0].provider = "gone";
  CHECK(must_build(config)->explain_unknown("m").message.find("there is no provider gone") !=
        std::string::npos);
}

TEST_CASE("who takes over stands in worse tiers: the nearest word counts") {
  config::Config config;
  config.providers = {chat_provider("a", {"m"}), chat_provider("b", {"m", "n"}),
                      chat_provider("c", {"m"})};
  CHECK(routes(*must_build(config), "a/m") == Names{"a/m@0"});

  config.settings.failover = config::Failover{config::Failover::Mode::same_model};
  CHECK(routes(*must_build(config), "b/m") == Names{"b/m@0", "|", "a/m@1", "c/m@1"});
  CHECK(routes(*must_build(config), "b/n") == Names{"b/n@0"});

  config.providers[1].failover =
      config::Failover{config::Failover::Mode::list, {"c/m", "gone/m", "b/n", "c/m"}};
  CHECK(routes(*must_build(config), "b/m") == Names{"b/m@0", "|", "c/m@1", "b/n@2"});

  // A model of that id decides for the slugs too: where, and who.
  config.models = {{.id = "m", .failover = config::Failover{config::Failover::Mode::keys}}};
  CHECK(routes(*must_build(config), "b/m") == Names{"b/m@0"});
  config.models[0].failover->mode = config::Failover::Mode::same_model;
  config.rules = {for_model("r", "m", "c")};
  CHECK(routes(*must_build(config), "b/m") == Names{"b/m@0", "|", "c/m@1"});
  // Its own rules bind it already.
  CHECK(routes(*must_build(config), "m") == Names{"c/m@100", "|", "a/m@101", "b/m@101"});
}

TEST_CASE("failover may name an alias or a model, and keeps the order of that one's tiers") {
  config::Config config;
  config.providers = {chat_provider("a", {"m"}), chat_provider("b", {"n"}),
                      chat_provider("c", {"n"})};
  config.models = {{.id = "n"}};
  auto first = for_model("first", "n", "c");
  first.priority = 10;
  auto second = for_model("second", "n", "b");
  second.priority = 15;
  config.rules = {second, first};
  config.aliases = {{"spare", "n"}};
  config.providers[0].failover = config::Failover{config::Failover::Mode::list, {"spare"}};
  CHECK(routes(*must_build(config), "a/m") == Names{"a/m@0", "|", "c/n@1", "b/n@6"});
}

TEST_CASE("a name that ends in an effort means it, where nothing has the whole name") {
  config::Config config;
  config.providers = {chat_provider("a", {"think", "plain", "x-high"})};
  config::ProviderModel thinks{.id = "think"};
  thinks.efforts = Names{"low", "high", "max"};
  config::ProviderModel plain{.id = "plain"};
  plain.reasoning = false;
  config.providers[0].model_facts = {thinks, plain};
  CHECK(must_build(config)->resolve("a/think-high") == nullptr);
  config.settings.effort_suffix = true;
  const auto pool = must_build(config);
  REQUIRE(pool->resolve("a/think-high"));
  CHECK(pool->resolve("a/think-high")->name == "a/think");
  CHECK(pool->effort_of("a/think-high") == "high");
  CHECK(pool->effort_of("a/think-max") == "max");
  CHECK(pool->effort_of("a/think").empty());
  CHECK(pool->resolve("a/think-medium") == nullptr);
  CHECK(pool->resolve("a/think-high-high") == nullptr);
  CHECK(pool->resolve("a/think-fast") == nullptr);
  CHECK(pool->resolve("a/plain-high") == nullptr);
  CHECK(pool->effort_of("a/x-high").empty());
  CHECK(pool->resolve("a/x-high")->name == "a/x-high");
  std::string endless = "a/think";
  for (int i = 0; i < 100'000; ++i) endless += "-high";
  CHECK(pool->resolve(endless) == nullptr);
}
