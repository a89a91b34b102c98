#include "core/route/order.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;

namespace {

const TimePoint now{std::chrono::hours(1000)};

// `count` providers a, b, c ... of one model, each dearer than the one before it.
std::shared_ptr<const catalog::Pool> pool_of(int count, const std::string& strategy) {
  config::Config config;
  config.settings.strategy = strategy;
  for (int i = 0; i < count; ++i) {
    config::Provider provider;
    provider.id = std::string(1, static_cast<char>('a' + i));
    provider.protocol = Protocol::responses;
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.models = {"m"};
    config::ProviderModel facts;
    facts.id = "m";
    facts.cost = config::Cost{1.0 + i, 10.0 + i, 0.1, std::nullopt};
    provider.model_facts = {facts};
    config.providers.push_back(std::move(provider));
  }
  config::Model model;
  model.id = "m";
  config.models = {model};
  auto built = catalog::build(std::make_shared<const config::Config>(std::move(config)), {}, "r");
  REQUIRE(built.has_value());
  return *built;
}

Envelope asking() {
  Envelope envelope;
  envelope.model = "m";
  envelope.prompt_tokens = 40'000;
  envelope.prompt = {{11, 12'000}, {12, 40'000}};
  return envelope;
}

Plan made(const catalog::Pool& pool, const Envelope& envelope, const Deployments& deployments,
          const Experience* experience) {
  auto plan = route::plan(pool, envelope, deployments, now, experience);
  REQUIRE(plan.has_value());
  return std::move(*plan);
}

void serve(Experience& experience, const Step& step, const Envelope& envelope, double cached) {
  Outcome outcome;
  outcome.first_token_s = 1;
  outcome.output_tokens = 300;
  outcome.total_s = 6;
  outcome.reported_cached = cached;
  ended(experience, began(experience, step), envelope, outcome, now, config::default_routing);
}

}  // namespace

TEST_CASE("a session stays where its prompt is warm, and leaves when that is no longer so") {
  const auto pool = pool_of(3, "priced-affinity");
  const Deployments deployments;
  Experience experience;
  const auto first = made(*pool, asking(), deployments, &experience);
  CHECK(first.strategy == "priced-affinity");
  CHECK(first.steps[0].candidate.provider->id == "a");
  serve(experience, first.steps[2], asking(), 0);
  auto envelope = asking();
  envelope.prompt.push_back({13, 41'000});
  envelope.prompt_tokens = 41'000;
  const auto second = made(*pool, envelope, deployments, &experience);
  CHECK(second.steps[0].candidate.provider->id == "c");
  CHECK(second.steps[0].held_tokens == doctest::Approx(40'000));
  CHECK(*second.steps[0].terms.find("cached_tokens") == doctest::Approx(40'000));
  CHECK(second.steps[0].score_usd < second.steps[1].score_usd);
  // The provider says again and again that nothing was cached: the prediction follows.
  for (int i = 0; i < 12; ++i)
    serve(experience, made(*pool, envelope, deployments, &experience).steps[0], envelope, 0);
  CHECK(made(*pool, envelope, deployments, &experience).steps[0].held_tokens < 25'000);
}

TEST_CASE("asked twice, the order is the same; nothing learned, it is the store's") {
  const auto pool = pool_of(6, "weighted");
  const Deployments deployments;
  Experience experience;
  experience.seed = 5;
  const auto names = [&](const Experience* with) {
    std::string all;
    for (const auto& step : made(*pool, asking(), deployments, with).steps)
      all += step.candidate.provider->id;
    return all;
  };
  CHECK(names(&experience) == names(&experience));
  CHECK(names(nullptr) == "abcdef");
}

TEST_CASE("a limit that a provider reports as used up is waited for where that is cheaper") {
  const auto pool = pool_of(2, "priced-affinity");
  Deployments deployments;
  Experience experience;
  auto plan = made(*pool, asking(), deployments, &experience);
  auto elsewhere = asking();
  elsewhere.prompt = {{77, 40'000}};
  serve(experience, plan.steps[1], elsewhere, 0);
  serve(experience, plan.steps[0], asking(), 0);
  auto& a = deployments.at({"a", "", "m"});
  RateReports reports;
  reports.requests = {240, 0, std::chrono::seconds(60)};
  deployments.learned(a, reports, now);
  // Four come back every second, and its cache is warm.
  plan = made(*pool, asking(), deployments, &experience);
  CHECK(plan.steps[0].candidate.provider->id == "a");
  REQUIRE(plan.better_later(now).has_value());
  CHECK(*plan.better_later(now) - now <= std::chrono::milliseconds(251));
  CHECK_FALSE(plan.better_later(now + std::chrono::seconds(2)).has_value());
  // With one a minute it is not worth it.
  reports.requests = {1, 0, std::chrono::seconds(60)};
  deployments.learned(a, reports, now);
  plan = made(*pool, asking(), deployments, &experience);
  CHECK(plan.steps[0].candidate.provider->id == "b");
  CHECK_FALSE(plan.better_later(now).has_value());
}

TEST_CASE("strategies that put no price on waiting pass a used-up limit by") {
  const auto pool = pool_of(2, "priority");
  Deployments deployments;
  Experience experience;
  RateReports reports;
  reports.requests = {60, 0, std::chrono::seconds(60)};
  deployments.learned(deployments.at({"a", "", "m"}), reports, now);
  const auto plan = made(*pool, asking(), deployments, &experience);
  CHECK(plan.steps[0].candidate.provider->id == "b");
  CHECK_FALSE(plan.better_later(now).has_value());
}

TEST_CASE("a candidate's number tells its three names apart") {
  const auto pool = pool_of(2, "priority");
  Candidate one{&pool->providers[0], nullptr, "m"};
  Candidate other{&pool->providers[1], nullptr, "m"};
  Candidate third{&pool->providers[0], nullptr, "n"};
  CHECK(one.hash() == Candidate{&pool->providers[0], nullptr, "m"}.hash());
  CHECK(one.hash() != other.hash());
  CHECK(one.hash() != third.hash());
}
