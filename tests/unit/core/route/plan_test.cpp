#include "core/route/plan.hpp"

#include <doctest/doctest.h>

using namespace tpool;

namespace {

config::Provider provider(const std::string& id, Protocol protocol, std::vector<std::string> keys) {
  config::Provider made;
  made.id = id;
  made.protocol = protocol;
  made.base_url = "http://127.0.0.1:9/v1";
  made.models = {"m"};
  for (auto& key : keys) {
    config::Key stored;
    stored.id = key;
    stored.secret = {config::SecretRef::Kind::value, "secret"};
    made.keys.push_back(std::move(stored));
  }
  return made;
}

std::shared_ptr<const catalog::Pool> pool_of(config::Config config) {
  auto shared = std::make_shared<const config::Config>(std::move(config));
  auto built = catalog::build(shared, {}, "r");
  REQUIRE(built.has_value());
  return *built;
}

route::Envelope asking(std::string model) {
  route::Envelope envelope;
  envelope.model = std::move(model);
  return envelope;
}

const TimePoint now{std::chrono::hours(1)};

}  // namespace

TEST_CASE("a slug names one provider, and its keys stand in order") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {"one", "two"}),
                      provider("b", Protocol::chat, {})};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("a/m"), {}, now);
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->steps[0].candidate.id() == "a/one/m");
  CHECK(plan->steps[1].candidate.id() == "a/two/m");
  CHECK(plan->steps[0].lane == Lane::relay);
  CHECK(plan->resolved_by == "slug");
  const auto other = route::plan(*pool, asking("b/m"), {}, now);
  REQUIRE(other.has_value());
  CHECK(other->steps.at(0).lane == Lane::translate);
}

TEST_CASE("a held key is rejected with the reason and the time it is ready") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {"one", "two"})};
  const auto pool = pool_of(config);
  route::Deployments holds;
  holds.restore({{"a", "one", "m", "", {"cooldown", "rate limited", now + Milliseconds(5000)}},
                 {"a", "two", "m", "", {"auth", "refused"}}},
                now);
  const auto plan = route::plan(*pool, asking("a/m"), holds, now);
  REQUIRE(plan.has_value());
  CHECK(plan->steps.empty());
  REQUIRE(plan->rejected.size() == 2);
  CHECK(plan->rejected[0].gate == "cooldown");
  CHECK(plan->earliest() == now + Milliseconds(5000));
  const auto later = route::plan(*pool, asking("a/m"), holds, now + Milliseconds(5000));
  REQUIRE(later.has_value());
  CHECK(later->steps.size() == 1);
}

TEST_CASE("whose breaker is open comes last, and is still there when nobody else is") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {"one", "two"})};
  const auto pool = pool_of(config);
  route::Deployments deployments;
  auto& one = deployments.at({"a", "one", "m"});
  for (int i = 0; i < 3; ++i) one.breaker.failed(now, false);
  const auto plan = route::plan(*pool, asking("a/m"), deployments, now);
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->steps[0].candidate.key_id() == "two");
  CHECK(plan->steps[1].last_resort);
  CHECK(plan->steps[1].state == "degraded");
}

TEST_CASE("a model without images or tools is no candidate for a request with them") {
  config::Config config;
  auto blind = provider("a", Protocol::chat, {});
  config::ProviderModel facts;
  facts.id = "m";
  facts.input = {"text"};
  facts.tool_call = false;
  blind.model_facts = {facts};
  config.providers = {blind};
  const auto pool = pool_of(config);
  auto envelope = asking("a/m");
  envelope.images = true;
  const auto plan = route::plan(*pool, envelope, {}, now);
  REQUIRE(plan.has_value());
  CHECK(plan->steps.empty());
  CHECK(plan->rejected.at(0).gate == "protocol");
  CHECK_FALSE(plan->earliest().has_value());
}

TEST_CASE("an unknown name is an error, or the default where the store says so") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {})};
  const auto plan = route::plan(*pool_of(config), asking("a/n"), {}, now);
  REQUIRE(plan.has_error());
  CHECK(plan.error().code == Code::not_found);
  config.settings.on_unknown_model = "default";
  config.settings.default_model = "a/m";
  const auto pool = pool_of(config);
  const auto fallen = route::plan(*pool, asking("a/n"), {}, now);
  REQUIRE(fallen.has_value());
  CHECK(fallen->steps.size() == 1);
}

TEST_CASE("a step knows the facts of its model at its provider") {
  config::Config config;
  auto one = provider("a", Protocol::chat, {"k"});
  config::ProviderModel facts;
  facts.id = "m";
  facts.cost = config::Cost{.input = 1.25, .output = 10.0};
  one.model_facts = {facts};
  config.providers = {one};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("a/m"), {}, now);
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.at(0).facts != nullptr);
  CHECK(plan->steps[0].facts->cost.input == 1.25);
  CHECK(plan->steps[0].tier == 0);
}
