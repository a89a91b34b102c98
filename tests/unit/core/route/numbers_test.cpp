// Every machine of routing goes by the numbers it is given, and takes up others without forgetting.
#include <doctest/doctest.h>

#include "core/protocol/responses/errors.hpp"
#include "core/route/deployments.hpp"
#include "core/route/fingerprint.hpp"
#include "core/route/order.hpp"
#include "core/route/profile.hpp"
#include "core/route/retry_budget.hpp"
#include "core/route/strategy.hpp"

using namespace tpool;
using namespace tpool::route;
using Kind = ir::Failure::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using namespace std::chrono_literals;

namespace {

const TimePoint start{hours(1000)};

Verdict verdict(Kind kind, const config::Routing& routing, const Tries& tries, int strikes = 0,
                std::optional<Milliseconds> hint = {}) {
  ir::Failure failure;
  failure.kind = kind;
  failure.retry_after = hint;
  return judge(failure, {routing}, tries, {strikes, false}, start, 7);
}

Milliseconds rest(const config::Routing& routing, int strikes) {
  const auto made = verdict(Kind::rate_limited, routing, {1, 0, false, true}, strikes);
  return std::chrono::duration_cast<Milliseconds>(made.hold->until - start);
}

// Two providers of one model: a is cheap and slow, b dear and quick.
std::shared_ptr<const catalog::Pool> cheap_and_quick(const config::Routing& routing) {
  config::Config config;
  config.routing = routing;
  for (const std::string id : {"a", "b"}) {
    config::Provider provider;
    provider.id = id;
    provider.protocol = Protocol::responses;
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.models = {"m"};
    config::ProviderModel facts;
    facts.id = "m";
    facts.cost = config::Cost{id == "a" ? 1.0 : 2.0, 10.0, 0.1, std::nullopt};
    provider.model_facts = {facts};
    config.providers.push_back(std::move(provider));
  }
  config.models = {{.id = "m"}};
  auto built = catalog::build(std::make_shared<const config::Config>(std::move(config)), {}, "r");
  REQUIRE(built.has_value());
  return *built;
}

}  // namespace

TEST_CASE("what a second is worth and how many calls are expected come from the store") {
  config::Routing routing;
  routing.usd_per_second_fast = 0.5;
  routing.low_priority_share = 0.2;
  routing.expected_calls = 20;
  routing.expected_calls_background = 3;
  const auto usual = stakes(Profile::fast, Class::interactive, Turn::normal, routing);
  CHECK(usual.usd_per_second == 0.5);
  CHECK(usual.horizon == 20);
  const auto background = stakes(Profile::fast, Class::background, Turn::low, routing);
  CHECK(background.usd_per_second == doctest::Approx(0.1));
  CHECK(background.horizon == 3);
}

TEST_CASE("a plan is ordered, and so explained, by the numbers of its pool's store") {
  Envelope envelope;
  envelope.model = "m";
  envelope.prompt_tokens = 40'000;
  const Deployments deployments;
  Experience experience;
  for (const bool patient : {true, false}) {
    config::Routing routing;
    routing.usd_per_second_balanced = patient ? 0 : 1;
    const auto pool = cheap_and_quick(routing);
    const auto plan = route::plan(*pool, envelope, deployments, start);
    for (const auto& step : plan->steps) {
      Outcome outcome;
      const bool quick = step.candidate.provider->id == "b";
      outcome.first_token_s = quick ? 1 : 20;
      outcome.total_s = outcome.first_token_s + 5;
      outcome.output_tokens = 300;
      ended(experience, began(experience, step), envelope, outcome, start, routing);
    }
    const auto ordered = route::plan(*pool, envelope, deployments, start, &experience);
    CHECK(ordered->steps.at(0).candidate.provider->id == (patient ? "a" : "b"));
    CHECK((*ordered->steps[0].terms.find("time_usd") > 0) == !patient);
  }
}

TEST_CASE("beliefs begin where the store says and fade as fast as it says") {
  config::Routing routing;
  routing.assumed_first_token = Milliseconds(4000);
  routing.assumed_per_ktok = Milliseconds(500);
  routing.assumed_failures = 1;
  routing.assumed_successes = 3;
  routing.failure_half_life = 10s;
  routing.average_step = 1;
  const Belief fresh;
  CHECK(fresh.first_token.predict(2, 0, 1, routing) == doctest::Approx(5));
  CHECK(fresh.failures.mean(1, routing) == doctest::Approx(0.25));
  Failures failures;
  failures.learn(true, 1000, routing);
  CHECK(failures.mean(1010, routing) == doctest::Approx(1.5 / 4.5));
  config::Routing lasting = routing;
  lasting.failure_half_life = hours(1);
  CHECK(failures.mean(1010, lasting) > failures.mean(1010, routing));
  Beliefs beliefs;
  for (const double speed : {10.0, 90.0}) {
    Outcome outcome;
    outcome.first_token_s = 1;
    outcome.output_tokens = 900;
    outcome.total_s = 1 + 900 / speed;
    beliefs.started(1, 1);
    beliefs.ended(1, outcome, start, routing);
  }
  CHECK(beliefs.of(1).tokens_per_second.value(route::seconds(start)) == doctest::Approx(90));
}

TEST_CASE("weighted adds up what the store says each thing counts") {
  config::Routing routing;
  routing.weighted_success = routing.weighted_first_token = routing.weighted_speed = 0;
  routing.weighted_cache = 0.25;
  routing.weighted_cost = 0.5;
  routing.weighted_exploration = 1;
  const Belief belief;
  std::vector<Contender> contenders(2);
  for (auto& one : contenders) one.belief = &belief;
  contenders[0].price = {1, 1, 0, 1, true};
  contenders[1].price = {2, 2, 0, 2, true};
  contenders[1].held = 500;
  weighted(contenders, {.prompt_tokens = 1000, .output_tokens = 10, .now = 1, .routing = routing});
  const auto term = [&](std::size_t i, std::string_view name) {
    return *contenders[i].terms.find(name);
  };
  CHECK(term(0, "weighted") == doctest::Approx(term(0, "stability") * 0.5));
  CHECK(term(1, "weighted") == doctest::Approx(term(1, "stability") * 0.125));
  CHECK(term(0, "explored") == 1);
}

TEST_CASE("the first content may take what the store's factor, addend and bounds leave") {
  config::Routing routing;
  routing.content_factor = 2;
  routing.content_extra = 1s;
  routing.content_least = 1s;
  CHECK(first_content_limit(Belief(), 0, 1, routing) == doctest::Approx(4));
  routing.content_most = 2s;
  CHECK(first_content_limit(Belief(), 0, 1, routing) == 2);
  routing.content_least = routing.content_most = 9s;
  CHECK(first_content_limit(Belief(), 0, 1, routing) == 9);
}

TEST_CASE("attempts, free retries and the longest wait bound what is tried") {
  config::Routing routing;
  routing.attempts = 2;
  CHECK(verdict(Kind::overloaded, routing, {1, 0, false, true}).next == Next::next);
  CHECK(verdict(Kind::overloaded, routing, {2, 0, false, true}).next == Next::stop);
  routing.attempts = 1;
  CHECK(verdict(Kind::overloaded, routing, {1, 0, false, false}).next == Next::stop);
  CHECK(verdict(Kind::rate_limited, routing, {1, 0, false, true}).next == Next::stop);
  routing.attempts = 8;
  routing.free_retries = 0;
  CHECK(verdict(Kind::overloaded, routing, {1, 0, false, true}).charged);
  routing.free_retries = 3;
  CHECK_FALSE(verdict(Kind::overloaded, routing, {3, 0, false, true}).charged);
  CHECK(verdict(Kind::overloaded, routing, {4, 0, false, true}).charged);
  routing.longest_wait = 3s;
  const Tries alone{1, 0, false, false};
  CHECK(verdict(Kind::rate_limited, routing, alone, 0, 3s).next == Next::wait);
  CHECK(verdict(Kind::rate_limited, routing, alone, 0, 4s).next == Next::stop);
}

TEST_CASE("rests without a hint grow as the store says, to its longest and no further") {
  config::Routing routing;
  routing.cool_down = 1s;
  routing.cool_down_growth = 3;
  routing.longest_cool_down = 20s;
  routing.cool_down_spread = 0;
  CHECK(rest(routing, 0) == 1s);
  CHECK(rest(routing, 1) == 3s);
  CHECK(rest(routing, 2) == 9s);
  CHECK(rest(routing, 3) == 20s);
  CHECK(rest(routing, 1'000'000) == 20s);
  routing.cool_down_growth = 1;
  CHECK(rest(routing, 9) == 1s);
  // A quota without a reset time ends by its probes, not by a time.
  CHECK(verdict(Kind::quota, routing, {1, 0, false, true}).hold->until == TimePoint::max());
}

TEST_CASE("retries share what the store leaves them") {
  config::Routing routing;
  routing.retry_share = 0.5;
  routing.retry_least = 2;
  RetryBudget budget;
  for (int i = 0; i < 7; ++i) budget.request(start);
  int allowed = 0;
  for (; allowed < 100 && budget.has_room(start, routing); ++allowed) budget.spend(start);
  CHECK(allowed == 5);
  routing.retry_least = 3;
  CHECK(budget.has_room(start, routing));
  routing.retry_share = 0;
  CHECK_FALSE(budget.has_room(start, routing));
}

TEST_CASE("an open breaker stays open, and other numbers count for it from then on") {
  config::Routing routing;
  routing.breaker_row = 2;
  Breaker breaker;
  for (int i = 0; i < 2; ++i) breaker.failed(start, breaker.began(start, routing), routing);
  REQUIRE(breaker.open());
  CHECK_FALSE(breaker.admits(start + 14s, routing, true));
  CHECK(breaker.admits(start + 15s, routing, true));
  // A longest pause below the one under way ends that one.
  routing.breaker_pause = routing.longest_breaker_pause = 4s;
  CHECK(breaker.open());
  CHECK_FALSE(breaker.admits(start + 3s, routing, true));
  CHECK(breaker.admits(start + 4s, routing, true));
  CHECK(breaker.ready(start, routing) <= start + 6s);
  // A probe that never comes back keeps others back for as long as is said, and no longer.
  routing.longest_probe = 5s;
  REQUIRE(breaker.began(start + 10s, routing));
  CHECK_FALSE(breaker.admits(start + 14s, routing));
  CHECK(breaker.admits(start + 15s, routing));
}

TEST_CASE("a breaker opens by the share and the count that the store says") {
  config::Routing routing;
  routing.breaker_row = 1000;
  routing.breaker_share = 0.1;
  routing.breaker_least = 4;
  Breaker breaker;
  for (int i = 0; i < 3; ++i) breaker.succeeded(start);
  breaker.failed(start, false, routing);
  CHECK_FALSE(breaker.open());
  breaker.succeeded(start);
  breaker.failed(start, false, routing);
  CHECK(breaker.open());
}

TEST_CASE("a reload changes queues and probes of what is known, and lifts nothing") {
  config::Config config;
  config.providers = {{.id = "a"}};
  Deployments deployments;
  deployments.configure(config, start);
  const Where where{"a", "", "m"};
  auto& one = deployments.at(where);
  CHECK(one.slots.queue_bound() == 64);
  const auto running = deployments.began(one, {start});
  Verdict held;
  held.hold = Hold{"quota", "spent", start + hours(5)};
  held.strike = true;
  deployments.failed(one, running, held, start);
  CHECK(deployments.look(where, {start}).bar->ready == start + minutes(10));

  config.routing.queue = 5;
  config.routing.probe_every = minutes(2);
  deployments.configure(config, start);
  CHECK(one.slots.queue_bound() == 5);
  const auto look = deployments.look(where, {start});
  REQUIRE(look.bar.has_value());
  CHECK(look.state == "quota");
  CHECK(look.bar->ready == start + minutes(2));
  CHECK(look.bar->until == start + hours(5));
  CHECK_FALSE(deployments.look(where, {start + minutes(2)}).bar.has_value());
  // Strikes are remembered as long as is said now.
  CHECK(deployments.past(one, start + minutes(9)).strikes == 1);
  config.routing.strikes_forgotten = minutes(5);
  deployments.configure(config, start);
  CHECK(deployments.past(one, start + minutes(4)).strikes == 1);
  CHECK(deployments.past(one, start + minutes(9)).strikes == 0);
  // What a provider says of its queue wins.
  config.providers[0].limits.queue = 7;
  deployments.configure(config, start);
  CHECK(one.slots.queue_bound() == 7);
}

TEST_CASE("what is believed to be too much at once shrinks and grows by the store's numbers") {
  config::Routing routing;
  routing.in_flight_cut = 0.5;
  routing.in_flight_growth = 10;
  InFlight flight;
  for (int i = 0; i < 20; ++i) flight.began();
  flight.overloaded(routing);
  CHECK(flight.limit() == 10);
  flight.succeeded(routing);
  CHECK(flight.limit() == 11);
}

TEST_CASE("prompts too short for any cache, and how long one lives, come from the store") {
  PrefixIndex index;
  const std::vector<Boundary> prompt{{1, 500}};
  std::vector<PrefixIndex::Holder> holders{{10}};
  index.note(prompt, 10, 60, 1024, 0);
  index.look(prompt, holders, 1);
  CHECK(holders[0].tokens == 0);
  index.note(prompt, 10, 60, 100, 0);
  index.look(prompt, holders, 1);
  CHECK(holders[0].tokens == 500);
  const auto life = [](std::string_view body, double usual) {
    return fingerprint(*json::scan(body), body, usual).life_s;
  };
  CHECK(life(R"({"input":"x"})", 60) == 60);
  CHECK(life(R"({"input":"x","prompt_cache_retention":"24h"})", 60) == 3600);
  CHECK(life(R"({"input":"x","prompt_cache_retention":"24h"})", 7200) == 7200);
}

TEST_CASE("a client that comes back by itself is told to for as long as the store says") {
  ir::Failure failure;
  failure.kind = Kind::rate_limited;
  failure.message = "slow.";
  failure.retry_after = 30s;
  protocol::ReplyContext context;
  CHECK(protocol::responses::encode_error(failure, context).status == 429);
  context.told_wait = 29s;
  CHECK(protocol::responses::encode_error(failure, context).status == 400);
}
