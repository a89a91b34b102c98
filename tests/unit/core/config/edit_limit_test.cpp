#include "core/config/edit_limit.hpp"

#include <doctest/doctest.h>

#include "core/config/edit.hpp"

using namespace tpool;
using namespace tpool::config;

TEST_CASE("a limit is kept for a provider, for one of its keys, or for one of its models") {
  Config config;
  Provider provider;
  provider.id = "a";
  Key key;
  key.id = "main";
  provider.keys = {key};
  config.providers = {provider};
  REQUIRE(set_concurrency(config, "a", {}, {}, 8).has_value());
  REQUIRE(set_concurrency(config, "a", {}, "main", 4).has_value());
  REQUIRE(set_concurrency(config, "a", "vendor/m", {}, 2).has_value());
  REQUIRE(set_concurrency(config, "a", "vendor/m", {}, 3).has_value());
  const auto& owner = config.providers[0];
  CHECK(owner.limits.concurrency == 8);
  CHECK(owner.keys[0].limits.concurrency == 4);
  REQUIRE(owner.model_facts.size() == 1);
  CHECK(owner.model_facts[0].id == "vendor/m");
  CHECK(owner.model_facts[0].limits.concurrency == 3);
  const auto beyond = set_concurrency(config, "a", "vendor/m", {}, 9);
  REQUIRE(beyond.has_value());
  REQUIRE(beyond->notes.size() == 1);
  CHECK(beyond->notes[0].starts_with("all of a may still run only 8 at once"));
  CHECK(set_concurrency(config, "a", {}, "main", 8)->notes.empty());
  CHECK(set_concurrency(config, "b", {}, {}, 1).error().code == Code::not_found);
  CHECK(set_concurrency(config, "a", {}, "mian", 1).error().hint.find("main") != std::string::npos);
}
