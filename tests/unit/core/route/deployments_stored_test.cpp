// What the store and a look for its keys do to the deployments.
#include <doctest/doctest.h>

#include "two_providers.hpp"

using namespace tpool;
using namespace tpool::route;
using Kind = ir::Failure::Kind;
using std::chrono::hours;

TEST_CASE("a refused key is freed by an edit of the key, not by any edit") {
  Deployments deployments;
  auto config = two_providers();
  deployments.configure(config, start);
  fail(deployments, {"a", "one", "m"}, failure(Kind::auth, {}, 401), start);
  CHECK(barred(deployments, {"a", "one", "other"}, start + hours(9999)));
  CHECK(deployments.look({"a", "one", "m"}, {start}).state == "auth");
  config.providers[0].tags = {"x"};
  deployments.configure(config, start);
  CHECK(barred(deployments, {"a", "one", "m"}, start));
  config.providers[0].keys[0].secret.text = "ANOTHER";
  deployments.configure(config, start);
  CHECK_FALSE(barred(deployments, {"a", "one", "m"}, start));

  // The same for what bars one model of it: that was of another account.
  fail(deployments, {"a", "one", "m"}, failure(Kind::rate_limited, hours(3)), start);
  fail(deployments, {"a", "two", "m"}, failure(Kind::rate_limited, hours(3)), start);
  config.providers[0].keys[0].secret.text = "A THIRD";
  deployments.configure(config, start);
  CHECK_FALSE(barred(deployments, {"a", "one", "m"}, start));
  CHECK(barred(deployments, {"a", "two", "m"}, start));
}

TEST_CASE("a provider with another address is no more what could not be reached") {
  Deployments deployments;
  auto config = two_providers();
  deployments.configure(config, start);
  const Where where{"a", "one", "m"};
  fail(deployments, {"a", "two", "m"}, failure(Kind::auth, {}, 401), start);
  for (int i = 0; i < 3; ++i) fail(deployments, where, failure(Kind::unreachable), start);
  const auto state = [&] { return deployments.look(where, {start}).state; };
  REQUIRE(state() == "degraded");
  config.providers[0].tags = {"x"};
  deployments.configure(config, start);
  CHECK(state() == "degraded");
  config.providers[0].base_url = "https://elsewhere.example/v1";
  deployments.configure(config, start);
  CHECK(state() == "healthy");
  CHECK_FALSE(barred(deployments, {"a", "two", "m"}, start));

  // How it is asked counts too; a limit is the account's, wherever that is reached.
  for (int i = 0; i < 3; ++i) fail(deployments, where, failure(Kind::unreachable), start);
  fail(deployments, where, failure(Kind::rate_limited, hours(3)), start);
  config.providers[0].headers["x-team"] = "b";
  deployments.configure(config, start);
  CHECK(state() == "cooldown");
}

TEST_CASE("what was under way to an old address condemns nothing at the new one") {
  Deployments deployments;
  auto config = two_providers();
  deployments.configure(config, start);
  const Where where{"a", "one", "m"};
  auto& one = deployments.at(where);
  std::vector<Running> running;
  for (int i = 0; i < 6; ++i) running.push_back(deployments.began(one, {start}));
  config.providers[0].base_url = "https://elsewhere.example/v1";
  deployments.configure(config, start);
  const auto verdict = [&](const ir::Failure& what) {
    return judge(what, {}, {1, 0, false, true}, deployments.past(one, start), start, 5);
  };
  deployments.failed(one, running[0], verdict(failure(Kind::auth, {}, 401)), start);
  for (int i = 1; i < 5; ++i)
    deployments.failed(one, running[static_cast<std::size_t>(i)], verdict(failure(Kind::no_answer)),
                       start);
  CHECK(deployments.look(where, {start}).state == "healthy");
  CHECK(one.in_flight.now() == 1);
  // Its limit holds there too.
  deployments.failed(one, running[5], verdict(failure(Kind::rate_limited, hours(3))), start);
  CHECK(deployments.look(where, {start}).state == "cooldown");
}

TEST_CASE("a refused key is tried with another secret from the same place, its limits stay") {
  Deployments deployments;
  deployments.configure(two_providers(), start);
  const Where where{"a", "one", "m"};
  deployments.found("a", "one", {1});
  fail(deployments, where, failure(Kind::auth, {}, 401), start);
  deployments.found("a", "one", {1});
  CHECK(barred(deployments, where, start));
  const auto& one = deployments.at(where);
  CHECK(deployments.has(one, 1));
  deployments.found("a", "one", {2});
  CHECK_FALSE(barred(deployments, where, start));
  CHECK_FALSE(deployments.has(one, 1));
  fail(deployments, where, failure(Kind::rate_limited, hours(3)), start);
  deployments.found("a", "one", {3});
  CHECK(deployments.look(where, {start}).state == "cooldown");
}

TEST_CASE("a key that cannot be used says why, until it can") {
  Deployments deployments;
  deployments.configure(two_providers(), start);
  deployments.found("a", "one", {0, "there is no file x"});
  const auto look = deployments.look({"a", "one", "never used"}, {start});
  REQUIRE(look.bar.has_value());
  CHECK(look.state == "auth");
  CHECK(look.bar->reason == "there is no file x");
  CHECK(look.bar->ready == TimePoint::max());
  CHECK_FALSE(barred(deployments, {"a", "two", "m"}, start));
  const auto before = deployments.changes();
  deployments.found("a", "one", {2});
  CHECK(deployments.changes() > before);
  CHECK_FALSE(barred(deployments, {"a", "one", "m"}, start));
  // Gone for a while, it is the same one when it is back.
  fail(deployments, {"a", "one", "m"}, failure(Kind::auth, {}, 401), start);
  deployments.found("a", "one", {0, "there is no file x"});
  deployments.found("a", "one", {2});
  CHECK(barred(deployments, {"a", "one", "m"}, start));
}

TEST_CASE("limits of the store reach every deployment, a key's own first, and stay live") {
  auto config = two_providers();
  config.providers[0].limits.concurrency = 8;
  config.providers[0].keys[1].limits.concurrency = 3;
  Deployments deployments;
  auto& early = deployments.at({"a", "one", "m"});
  CHECK_FALSE(early.slots.limit().has_value());
  deployments.configure(config, start);
  CHECK(early.slots.limit() == 8);
  CHECK(deployments.at({"a", "two", "m"}).slots.limit() == 3);
  CHECK(deployments.provider("a")->slots.limit() == 8);
  early.slots.set_limit(2, start);
  deployments.configure(config, start);
  CHECK(early.slots.limit() == 2);
  config.providers[0].limits.concurrency = 9;
  deployments.configure(config, start);
  CHECK(early.slots.limit() == 9);
}

TEST_CASE("a provider's cap moves up with limits that are set, and back to the store's") {
  auto config = two_providers();
  config.providers[0].limits.concurrency = 2;
  Deployments deployments;
  deployments.configure(config, start);
  const auto set = [&](std::string_view model, int limit) {
    for (const std::string_view key : {"one", "two"})
      deployments.at({"a", key, model}).slots.set_limit(limit, start);
    deployments.fit_cap("a", start);
    return deployments.provider("a")->slots.limit();
  };
  deployments.at({"a", "one", "n"});
  deployments.at({"a", "two", "n"});
  CHECK(set("m", 1) == 2);
  CHECK(set("m", 8) == 16);
  CHECK(set("n", 3) == 16);
  CHECK(set("m", 2) == 6);
  CHECK(set("n", 2) == 2);
  deployments.fit_cap("b", start);
  CHECK_FALSE(deployments.provider("b")->slots.limit().has_value());
}

TEST_CASE("what the store no longer names is forgotten once nothing runs there") {
  Deployments deployments;
  deployments.configure(two_providers(), start);
  auto& one = deployments.at({"a", "one", "m"});
  REQUIRE(one.slots.try_take());
  deployments.configure({}, start);
  CHECK(deployments.find({"a", "one", "m"}) == &one);
  one.slots.release(start);
  deployments.configure({}, start);
  CHECK(deployments.find({"a", "one", "m"}) == nullptr);
}

TEST_CASE("a limit stands for those who wait where the store names the key or provider no more") {
  auto config = two_providers();
  config.providers[0].keys[0].limits.concurrency = 1;
  config.providers[1].limits.concurrency = 2;
  config.providers[1].limits.rpm = 7;
  Deployments deployments;
  deployments.configure(config, start);
  auto& one = deployments.at({"a", "one", "m"});
  REQUIRE(one.slots.try_take());
  config.providers[0].keys.erase(config.providers[0].keys.begin());
  deployments.configure(config, start);
  CHECK(one.slots.limit() == 1);
  config.providers.clear();
  deployments.configure(config, start);
  CHECK(one.slots.limit() == 1);
  CHECK(deployments.at({"b", "one", "m"}).slots.limit() == 2);
  CHECK(deployments.at({"b", "one", "m"}).pacer.limits().rpm == 7);
  // Named again without one, it has none.
  deployments.configure(two_providers(), start);
  CHECK_FALSE(one.slots.limit().has_value());
  CHECK_FALSE(deployments.at({"b", "one", "m"}).pacer.limits().rpm.has_value());
  one.slots.release(start);
}

TEST_CASE("the limit of a model holds where its requests go, by whichever name it is listed") {
  auto config = two_providers();
  auto& provider = config.providers[0];
  provider.map = {{"short", "vendor/long"}};
  provider.model_facts = {{.id = "short"}, {.id = "other", .upstream = "sent"}, {.id = "big[1m]"}};
  for (std::size_t i = 0; i < 3; ++i)
    provider.model_facts[i].limits.concurrency = static_cast<std::int64_t>(i + 1);
  Deployments deployments;
  deployments.configure(config, start);
  CHECK(deployments.limit({"a", "one", "vendor/long"}) == 1);
  CHECK(deployments.limit({"a", "one", "sent"}) == 2);
  CHECK(deployments.limit({"a", "one", "big"}) == 3);
  CHECK(deployments.limit({"a", "one", "short"}) == std::nullopt);
}
