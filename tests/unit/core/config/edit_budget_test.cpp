#include "core/config/edit_budget.hpp"

#include <doctest/doctest.h>

#include "core/config/edit.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

Config some() {
  Config config;
  config.providers.resize(1);
  config.providers[0].id = "deepseek";
  config.clients = {{"laptop", std::string(64, 'a')}};
  config.models = {{"own"}};
  return config;
}

}  // namespace

TEST_CASE("a budget is made once and changed after") {
  Config config = some();
  REQUIRE(set_budget(config, "total", {}, {20.0}).has_value());
  REQUIRE(set_budget(config, "provider", "deepseek", {5.0, "cheapest"}).has_value());
  CHECK(config.budgets ==
        std::vector<Budget>{{"total", {}, 20.0}, {"provider", "deepseek", 5.0, "cheapest"}});
  const auto changed = set_budget(config, "provider", "deepseek", {{}, "block"});
  REQUIRE(changed.has_value());
  CHECK(changed->summary == "changed budget provider deepseek");
  CHECK(config.budgets[1] == Budget{"provider", "deepseek", 5.0, "block"});
  CHECK(set_budget(config, "total", {}, {20.0})->summary == "budget total is already so");
  REQUIRE(remove_budget(config, "total", {}).has_value());
  CHECK(config.budgets.size() == 1);
}

TEST_CASE("a budget that fits nothing is refused") {
  Config config = some();
  CHECK(set_budget(config, "week", {}, {1.0}).error().code == Code::invalid);
  CHECK(set_budget(config, "total", "x", {1.0}).error().code == Code::invalid);
  CHECK(set_budget(config, "client", {}, {1.0}).error().code == Code::invalid);
  CHECK(set_budget(config, "total", {}, {1.0, "stop"}).error().code == Code::invalid);
  CHECK(set_budget(config, "total", {}, {{}, "block"}).error().hint == "add --usd-per-day N");
  CHECK(set_budget(config, "provider", "depseek", {1.0}).error().hint == "did you mean deepseek?");
  CHECK(set_budget(config, "client", "lapto", {1.0}).error().hint == "did you mean laptop?");
  CHECK(remove_budget(config, "total", {}).error().code == Code::not_found);
  CHECK(config.budgets.empty());
}

TEST_CASE("what a budget names says so before it goes, and can go nonetheless") {
  Config config = some();
  config.budgets = {
      {"provider", "deepseek", 1.0}, {"client", "laptop", 1.0}, {"model", "own", 1.0}};
  const auto refused = revoke_client(config, "laptop", false);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Code::conflict);
  CHECK(refused.error().message == "client laptop is used by budget client laptop");
  CHECK(remove_provider(config, "deepseek", false).error().code == Code::conflict);
  const auto gone = revoke_client(config, "laptop", true);
  REQUIRE(gone.has_value());
  CHECK(gone->notes == std::vector<std::string>{"budget client laptop still names it"});
  // Its budget can be changed and removed, as it lies there.
  REQUIRE(set_budget(config, "client", "laptop", {2.0}).has_value());
  REQUIRE(remove_budget(config, "client", "laptop").has_value());
}
