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

TEST_CASE(
    "a long rest is looked at earlier than the provider said, which is what clients are told") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {"one", "two"})};
  const auto pool = pool_of(config);
  route::Deployments holds;
  const auto hour = Milliseconds(3'600'000);
  holds.restore({{"a", "one", "m", "", {"cooldown", "rate limited", now + hour}},
                 {"a", "two", "m", "", {"cooldown", "rate limited", now + 2 * hour}}},
                now);
  const auto plan = route::plan(*pool, asking("a/m"), holds, now);
  REQUIRE(plan.has_value());
  CHECK(plan->earliest() == now + config::default_routing.probe_every);
  CHECK(plan->earliest_said() == now + hour);
}

TEST_CASE("whose breaker is open comes last, and is still there when nobody else is") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {"one", "two"})};
  const auto pool = pool_of(config);
  route::Deployments deployments;
  auto& one = deployments.at({"a", "one", "m"});
  for (int i = 0; i < 3; ++i) one.breaker.failed(now, false, config::default_routing);
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
  // Nobody else stands in for a default that is gone.
  config.settings.default_model = "a/gone";
  const auto none = pool_of(config);
  CHECK(route::plan(*none, asking("a/n"), {}, now).has_error());
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

namespace {

config::Rule rule(const std::string& id, const std::string& where, std::int64_t priority,
                  std::optional<std::string> when = {}) {
  config::Rule made;
  made.id = id;
  made.model = "m";
  made.provider = where;
  made.priority = priority;
  made.when = std::move(when);
  return made;
}

std::vector<std::string> order_of(const route::Plan& plan) {
  std::vector<std::string> ids;
  for (const auto& step : plan.steps) ids.push_back(step.candidate.id());
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a better tier goes first, whatever its protocol, and conditions choose") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {}), provider("b", Protocol::chat, {}),
                      provider("c", Protocol::responses, {})};
  config.models = {{.id = "m"}};
  config.rules = {rule("late", "a", 50), rule("early", "b", 10),
                  rule("long", "c", 1, "prompt_tokens > 1000 and not stream")};
  const auto pool = pool_of(config);
  auto envelope = asking("m");
  const auto plan = route::plan(*pool, envelope, {}, now);
  REQUIRE(plan.has_value());
  CHECK(plan->resolved_by == "model");
  CHECK(order_of(*plan) == Ids{"b//m", "a//m"});
  CHECK(plan->steps[0].tier == 10);
  CHECK(plan->steps[0].route->rule == "early");
  REQUIRE(plan->rejected.size() == 1);
  CHECK(plan->rejected[0].gate == "rule");
  CHECK(plan->rejected[0].reason.find("prompt_tokens > 1000 and not stream") != std::string::npos);
  CHECK_FALSE(plan->earliest().has_value());

  envelope.prompt_tokens = 2000;
  const auto big = route::plan(*pool, envelope, {}, now);
  REQUIRE(big.has_value());
  CHECK(order_of(*big) == Ids{"c//m", "b//m", "a//m"});
  CHECK(big->rejected.empty());
}

TEST_CASE("conditions come first, then each place once: the first that holds wins") {
  config::Config config;
  config.providers = {provider("a", Protocol::chat, {}), provider("b", Protocol::chat, {})};
  config.models = {{.id = "m"}};
  config.rules = {rule("one", "a", 10, "stream"), rule("two", "b", 20), rule("three", "a", 30)};
  const auto pool = pool_of(config);
  auto envelope = asking("m");
  const auto whole = route::plan(*pool, envelope, {}, now);
  REQUIRE(whole.has_value());
  CHECK(order_of(*whole) == Ids{"b//m", "a//m"});
  envelope.stream = true;
  const auto stream = route::plan(*pool, envelope, {}, now);
  REQUIRE(stream.has_value());
  CHECK(order_of(*stream) == Ids{"a//m", "b//m"});
  CHECK(stream->steps[0].tier == 10);
}

TEST_CASE("rules that all say no are an error that names them") {
  config::Config config;
  config.providers = {provider("a", Protocol::chat, {})};
  config.models = {{.id = "m"}};
  config.rules = {rule("nights", "a", 10, "hour < 6"), rule("talk", "a", 20, "class = background")};
  auto envelope = asking("m");
  envelope.hour = 12;
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, envelope, {}, now);
  REQUIRE(plan.has_error());
  CHECK(plan.error().code == Code::not_found);
  CHECK(plan.error().message.find("nights (when hour < 6)") != std::string::npos);
  CHECK(plan.error().message.find("talk (when class = background)") != std::string::npos);
}

TEST_CASE("failover stands behind every key of the slug, and is marked") {
  config::Config config;
  config.providers = {provider("a", Protocol::chat, {"one", "two"}),
                      provider("b", Protocol::responses, {"k"})};
  config.settings.failover = config::Failover{config::Failover::Mode::same_model};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("a/m"), {}, now);
  REQUIRE(plan.has_value());
  CHECK(order_of(*plan) == Ids{"a/one/m", "a/two/m", "b/k/m"});
  CHECK_FALSE(plan->steps[1].takes_over);
  CHECK(plan->steps[2].takes_over);
}

TEST_CASE("a prompt that is far too long goes to a larger window, if there is one") {
  config::Config config;
  auto small = provider("a", Protocol::responses, {});
  config::ProviderModel facts;
  facts.id = "m";
  facts.context = 1000;
  small.model_facts = {facts};
  config.providers = {small, provider("b", Protocol::chat, {})};
  config.models = {{.id = "m"}};
  const auto pool = pool_of(config);
  auto envelope = asking("m");
  envelope.prompt_tokens = 1100;  // near enough, for an estimate
  CHECK(route::plan(*pool, envelope, {}, now)->steps.size() == 2);
  envelope.prompt_tokens = 2000;
  const auto plan = route::plan(*pool, envelope, {}, now);
  REQUIRE(plan.has_value());
  CHECK(order_of(*plan) == Ids{"b//m"});
  CHECK(plan->rejected.at(0).gate == "context");
  // Nobody has a larger one: the provider says so itself, in the form that lets a client compact.
  envelope.model = "a/m";
  CHECK(route::plan(*pool, envelope, {}, now)->steps.size() == 1);
}

TEST_CASE("an effort in the name is kept, and the codecs say it") {
  config::Config config;
  config.settings.effort_suffix = true;
  auto thinks = provider("a", Protocol::responses, {});
  config::ProviderModel facts;
  facts.id = "m";
  facts.efforts = std::vector<std::string>{"low", "high"};
  thinks.model_facts = {facts};
  config.providers = {thinks};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("a/m-high"), {}, now);
  REQUIRE(plan.has_value());
  CHECK(plan->effort == "high");
  CHECK(plan->steps.at(0).lane == Lane::translate);
  CHECK(route::plan(*pool, asking("a/m"), {}, now)->steps.at(0).lane == Lane::relay);
}

TEST_CASE("what a client asks for in the background has its own advice") {
  config::Config config;
  config.providers = {provider("a", Protocol::responses, {})};
  auto envelope = asking("gpt-6.1-terra");
  envelope.request_class = route::Class::background;
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, envelope, {}, now);
  REQUIRE(plan.has_error());
  CHECK(plan.error().hint.find("tpool model alias gpt-6.1-terra a/m --hidden") !=
        std::string::npos);
}

TEST_CASE("a rule that is for other requests is said once for a provider") {
  config::Config config;
  auto many = provider("a", Protocol::chat, {"one", "two"});
  many.models = {"m1", "m2", "m3", "m"};
  config.providers = {many, provider("b", Protocol::chat, {})};
  config.models = {{.id = "m"}};
  auto wide = rule("wide", "a", 10, "images");
  wide.match = "m*";
  config.rules = {wide, rule("rest", "b", 20)};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("m"), {}, now);
  REQUIRE(plan.has_value());
  CHECK(order_of(*plan) == Ids{"b//m"});
  REQUIRE(plan->rejected.size() == 1);
  CHECK(plan->rejected[0].provider == "a");
}

TEST_CASE("an unknown name falls to a default that is an alias, with its failover") {
  config::Config config;
  config.providers = {provider("a", Protocol::chat, {}), provider("b", Protocol::chat, {})};
  config.aliases = {{"usual", "a/m"}};
  config.settings.on_unknown_model = "default";
  config.settings.default_model = "usual";
  config.settings.failover = config::Failover{config::Failover::Mode::same_model};
  const auto pool = pool_of(config);
  const auto plan = route::plan(*pool, asking("gpt-9"), {}, now);
  REQUIRE(plan.has_value());
  CHECK(plan->resolved_by == "alias");
  CHECK(order_of(*plan) == Ids{"a//m", "b//m"});
}
