#include "core/config/edit_rule.hpp"

#include <doctest/doctest.h>

#include "core/config/edit_model.hpp"
#include "core/config/toml.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

Config start() {
  Config config;
  config.providers = {{.id = "a", .preset = "deepseek", .tags = {"cn"}},
                      {.id = "b", .preset = "openrouter"}};
  config.models = {{.id = "m"}};
  return config;
}

RuleFields at(std::string model, std::string provider) {
  RuleFields fields;
  fields.model = std::move(model);
  fields.provider = std::move(provider);
  return fields;
}

std::vector<std::string> ids(const Config& config) {
  std::vector<std::string> all;
  for (const auto& rule : config.rules) all.push_back(rule.id);
  return all;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a rule gets an id from what it names, and never one that is taken") {
  auto config = start();
  REQUIRE(add_rule(config, {}, at("m", "a")).has_value());
  REQUIRE(add_rule(config, {}, at("m", "a")).has_value());
  REQUIRE(add_rule(config, "mine", at("m", "b")).has_value());
  CHECK(ids(config) == Ids{"m-a", "m-a-2", "mine"});
  CHECK(add_rule(config, "mine", at("m", "a")).error().code == Code::conflict);
}

TEST_CASE("a rule for what is not there is refused, with the nearest") {
  auto config = start();
  CHECK(add_rule(config, {}, at("n", "a")).error().code == Code::not_found);
  CHECK(add_rule(config, {}, at("m", "aa")).error().hint.find("a") != std::string::npos);
  RuleFields tagged;
  tagged.model = "m";
  tagged.tag = "us";
  CHECK(add_rule(config, {}, tagged).error().code == Code::not_found);
  tagged.tag = "cn";
  CHECK(add_rule(config, {}, tagged).has_value());
  RuleFields nowhere;
  nowhere.model = "m";
  CHECK(add_rule(config, {}, nowhere).error().code == Code::invalid);
  auto both = at("m", "a");
  both.developer = "acme";
  CHECK(add_rule(config, {}, both).error().code == Code::invalid);
}

TEST_CASE("an edit changes what it names, and naming one of a pair drops the other") {
  auto config = start();
  auto fields = at("m", "a");
  fields.when = "stream";
  fields.upstream = "x";
  REQUIRE(add_rule(config, "r", fields).has_value());
  RuleFields change;
  change.tag = "cn";
  change.match = "x*";
  change.priority = 7;
  REQUIRE(edit_rule(config, "r", change).has_value());
  const auto& rule = config.rules[0];
  CHECK(rule.tag == "cn");
  CHECK_FALSE(rule.provider.has_value());
  CHECK(rule.match == "x*");
  CHECK_FALSE(rule.upstream.has_value());
  CHECK(rule.when == "stream");
  CHECK(rule.priority == 7);
  RuleFields clear;
  clear.when = "";
  clear.enabled = false;
  REQUIRE(edit_rule(config, "r", clear).has_value());
  CHECK_FALSE(rule.when.has_value());
  CHECK_FALSE(rule.enabled);
  CHECK(edit_rule(config, "q", clear).error().code == Code::not_found);
}

TEST_CASE("rules move before and after each other, and the store's text follows") {
  auto config = start();
  for (const auto* id : {"one", "two", "three"})
    REQUIRE(add_rule(config, id, at("m", "a")).has_value());
  const auto text = rewrite("", Config{}, config);
  REQUIRE(text.has_value());
  auto moved = config;
  REQUIRE(move_rule(moved, "three", "one", {}).has_value());
  CHECK(ids(moved) == Ids{"three", "one", "two"});
  REQUIRE(move_rule(moved, "three", {}, "two").has_value());
  CHECK(ids(moved) == Ids{"one", "two", "three"});
  REQUIRE(move_rule(moved, "one", {}, "two").has_value());
  CHECK(ids(moved) == Ids{"two", "one", "three"});
  const auto again = rewrite(*text, config, moved);
  REQUIRE(again.has_value());
  CHECK(*parse(*again, "t") == moved);
  CHECK(move_rule(moved, "one", {}, "one").error().code == Code::invalid);
  CHECK(move_rule(moved, "one", "two", "three").error().code == Code::invalid);
  CHECK(move_rule(moved, "one", "four", {}).error().code == Code::not_found);
  REQUIRE(remove_rule(moved, "one").has_value());
  CHECK(ids(moved) == Ids{"two", "three"});
}

TEST_CASE("moving over a priority is noted, since it changes nothing by itself") {
  auto config = start();
  REQUIRE(add_rule(config, "one", at("m", "a")).has_value());
  auto fields = at("m", "b");
  fields.priority = 5;
  REQUIRE(add_rule(config, "two", fields).has_value());
  CHECK(move_rule(config, "two", "one", {})->notes.size() == 1);
}

TEST_CASE("a model of one's own is added, changed and removed with its rules") {
  auto config = start();
  CHECK(add_model(config, "m", {}).error().code == Code::conflict);
  config.aliases = {{"fast", "m"}};
  CHECK(add_model(config, "fast", {}).error().code == Code::conflict);
  REQUIRE(add_model(config, "n", {.developer = "acme", .failover = "same-model"}).has_value());
  CHECK(find_model(config, "n")->failover->mode == Failover::Mode::same_model);
  REQUIRE(edit_own_model(config, "n", {.failover = "", .inherit = false}).has_value());
  CHECK_FALSE(find_model(config, "n")->failover.has_value());
  CHECK_FALSE(find_model(config, "n")->inherit);
  CHECK(find_model(config, "n")->developer == "acme");
  CHECK(edit_own_model(config, "n", {.failover = "nobody"}).error().code == Code::invalid);
  CHECK(edit_own_model(config, "q", {}).error().code == Code::not_found);
  REQUIRE(add_rule(config, "r", at("m", "a")).has_value());
  CHECK(model_users(config, "m") == Ids{"alias fast", "rule r"});
  CHECK(remove_model(config, "m", false).error().code == Code::conflict);
  const auto removed = remove_model(config, "m", true);
  REQUIRE(removed.has_value());
  CHECK(config.rules.empty());
  CHECK(removed->notes == Ids{"1 rule went with it", "alias fast still names it"});
}
