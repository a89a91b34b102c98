#include "core/catalog/may_use.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace tpool;
using namespace tpool::catalog;

namespace {

std::shared_ptr<const Pool> two_models() {
  auto config = std::make_shared<config::Config>();
  config->settings.effort_suffix = true;
  config::Provider provider;
  provider.id = "deepseek";
  provider.preset = "deepseek";
  provider.models = std::vector<std::string>{"chat", "own"};
  config->providers = {provider};
  config->aliases = {{"quick", "deepseek/chat"}, {"deepseek/old", "deepseek/own", true}};
  auto pool = build(config, {}, "r1");
  REQUIRE(pool.has_value());
  return *pool;
}

config::Client limited_to(std::vector<std::string> models) {
  return {.id = "few", .token_sha256 = std::string(64, '0'), .models = std::move(models)};
}

}  // namespace

TEST_CASE("a name is judged as the pool lists it") {
  const auto pool = two_models();
  const auto few = limited_to({"deepseek/own", "quick"});
  for (const char* name : {"deepseek/own", "deepseek/own[1m]", "deepseek/own-high",
                           "deepseek/own[1m]-low", "quick", "quick [1M]", "quick-high"}) {
    CAPTURE(name);
    CHECK(may_ask_for(&few, *pool, name));
    CHECK(may_ask_for(nullptr, *pool, name));
  }
  // What an alias leads to is not what was asked for, in either direction.
  for (const char* name : {"deepseek/chat", "deepseek/chat-high", "deepseek/old",
                           "deepseek/own-tall", "nobody", "[1m]", ""}) {
    CAPTURE(name);
    CHECK_FALSE(may_ask_for(&few, *pool, name));
  }
  const auto high = limited_to({"*-high"});
  CHECK_FALSE(may_ask_for(&high, *pool, "deepseek/own-high"));
}

TEST_CASE("a client starts with the default where it may use that, else with its first") {
  const auto pool = two_models();
  CHECK(count_listed(nullptr, *pool) == 3);
  CHECK(default_for(nullptr, *pool) == pool->default_entry());
  const auto all = limited_to({"*"});
  CHECK(default_for(&all, *pool) == pool->default_entry());
  const auto own = limited_to({"deepseek/o*"});
  CHECK(count_listed(&own, *pool) == 1);
  REQUIRE(default_for(&own, *pool) != nullptr);
  CHECK(default_for(&own, *pool)->name == "deepseek/own");
  const auto none = limited_to({"gamma/*", "deepseek/old"});
  CHECK(count_listed(&none, *pool) == 0);
  CHECK(default_for(&none, *pool) == nullptr);
}
