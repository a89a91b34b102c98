#include "core/route/budget.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/route/plan.hpp"
#include "core/route/spending.hpp"

using namespace tpool;
using namespace tpool::route;
using std::chrono::hours;

namespace {

const Day today{TimePoint(hours(1000)), TimePoint(hours(1024))};
const TimePoint now = today.begins + hours(5);

config::ProviderModel model(const std::string& id, std::optional<double> input,
                            std::optional<double> output) {
  config::ProviderModel made{.id = id};
  made.cost = config::Cost{input, output};
  return made;
}

config::Provider provider(const std::string& id, std::optional<double> input,
                          std::optional<double> output) {
  config::Provider made;
  made.id = id;
  made.protocol = Protocol::responses;
  made.base_url = "http://127.0.0.1:9/v1";
  made.models = {"m", "n"};
  made.model_facts = {model("m", input, output), model("n", input, output)};
  return made;
}

config::Config three() {
  config::Config config;
  config.providers = {provider("dear", 3, 15), provider("cheap", 0.3, 1.5), provider("odd", 1, {})};
  config.models = {{"m"}};
  config.aliases = {{"fast", "cheap/m"}};
  return config;
}

std::shared_ptr<const catalog::Pool> pool_of(config::Config config) {
  auto built = catalog::build(std::make_shared<const config::Config>(std::move(config)), {}, "r");
  REQUIRE(built.has_value());
  return *built;
}

config::Budget budget(std::string scope, std::optional<std::string> name, double usd,
                      std::string on_exceed = "block") {
  return {std::move(scope), std::move(name), usd, std::move(on_exceed)};
}

Envelope asking(std::string name, std::string client = "codex") {
  Envelope envelope;
  envelope.model = std::move(name);
  envelope.client = std::move(client);
  envelope.prompt_tokens = 1000;
  return envelope;
}

// A pool with budgets, of which spend() spends.
struct World {
  explicit World(std::vector<config::Budget> list, config::Config config = three())
      : pool(pool_of(config)) {
    config.budgets = std::move(list);
    budgets.configure(config);
    budgets.turn(today);
  }
  void spend(const std::string& name, const char* provider, std::optional<double> usd,
             const char* client = "codex", const char* upstream = "m") {
    budgets.spend({*pool, pool->resolve(name), client}, provider, upstream, usd);
  }
  Plan plan(const Envelope& envelope, TimePoint at = now) const {
    auto made = route::plan(*pool, envelope, {}, at, nullptr, &budgets);
    REQUIRE(made.has_value());
    return std::move(*made);
  }
  std::string order(const Envelope& envelope, TimePoint at = now) const {
    std::string text;
    for (const auto& step : plan(envelope, at).steps) text += step.candidate.provider->id + " ";
    return text;
  }
  std::shared_ptr<const catalog::Pool> pool;
  Budgets budgets;
};

}  // namespace

TEST_CASE("each scope counts what is its own") {
  World world({budget("total", {}, 9), budget("provider", "dear", 9), budget("client", "codex", 9),
               budget("model", "m", 9), budget("model", "fast", 9), budget("model", "gone", 9)});
  const auto usd = [&](std::size_t row) { return world.budgets.rows()[row].spent.usd; };
  world.spend("m", "dear", 1);
  world.spend("m", "cheap", 2, "laptop");
  world.spend("cheap/m", "cheap", 4);
  world.spend("cheap/n", "cheap", 8, "codex", "n");
  CHECK(usd(0) == 15);
  CHECK(usd(1) == 1);
  CHECK(usd(2) == 13);
  // The model that no provider owns: what was asked for by its name.
  CHECK(usd(3) == 3);
  // An alias of a slug: all that runs there.
  CHECK(usd(4) == 6);
  CHECK(usd(5) == 0);
}

TEST_CASE("what nobody knows the cost of is counted and not made up") {
  World world({budget("total", {}, 1), budget("provider", "cheap", 1)});
  for (const auto usd : {std::optional<double>(), std::optional(std::nan("")), std::optional(-5.0),
                         std::optional(std::numeric_limits<double>::infinity())})
    world.spend("m", "dear", usd);
  CHECK(world.budgets.rows()[0].spent == Spent{0, 4});
  CHECK(world.budgets.rows()[1].spent == Spent{});
  CHECK(world.order(asking("m")) == "dear cheap odd ");
}

TEST_CASE("a spent budget blocks what is under it until the day ends") {
  World world({budget("provider", "dear", 1.5)});
  const auto before = world.budgets.verdicts();
  world.spend("m", "dear", 1.25);
  CHECK(world.budgets.verdicts() == before);
  CHECK(world.order(asking("m")) == "dear cheap odd ");
  world.spend("m", "dear", 0.25);
  CHECK(world.budgets.verdicts() > before);
  CHECK(world.order(asking("m")) == "cheap odd ");
  const auto plan = world.plan(asking("dear/m"));
  CHECK(plan.steps.empty());
  REQUIRE(plan.rejected.size() == 1);
  CHECK(plan.rejected[0].gate == "budget");
  CHECK(plan.earliest() == today.ends);
  const auto& reason = plan.rejected[0].reason;
  CHECK(reason.find("the budget provider dear is spent, $1.50 of $1.50 today: ") == 0);
  CHECK(reason.find(local_text(today.ends)) != std::string::npos);
  CHECK(reason.find("tpool budget set provider dear --usd-per-day N") != std::string::npos);
  // The day is over, be the new one known yet or not.
  CHECK(world.order(asking("dear/m"), today.ends) == "dear ");
  world.budgets.turn({today.ends, today.ends + hours(23)});
  CHECK(world.budgets.rows()[0].spent == Spent{});
}

TEST_CASE("a budget of a client or a model is nobody else's") {
  World world({budget("client", "codex", 1), budget("model", "cheap/m", 1)});
  world.spend("m", "cheap", 1);
  CHECK(world.order(asking("m")).empty());
  CHECK(world.order(asking("m", "laptop")) == "dear odd ");
  CHECK(world.order(asking("fast", "laptop")).empty());
  CHECK(world.order(asking("cheap/n", "laptop")) == "cheap ");
}

TEST_CASE("counting tokens costs nothing, and no budget is about it") {
  config::Config config = three();
  config.providers[0].protocol = Protocol::messages;
  World world({budget("total", {}, 1)}, config);
  world.spend("dear/m", "dear", 1);
  auto envelope = asking("dear/m");
  envelope.protocol = Protocol::messages;
  CHECK(world.order(envelope).empty());
  envelope.operation = Operation::count_tokens;
  CHECK(world.order(envelope) == "dear ");
}

TEST_CASE("once spent, cheapest lets only the cheapest run") {
  World world({budget("total", {}, 1, "cheapest")});
  CHECK(world.order(asking("m")) == "dear cheap odd ");
  world.spend("m", "dear", 1);
  const auto plan = world.plan(asking("m"));
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].candidate.provider->id == "cheap");
  REQUIRE(plan.rejected.size() == 2);
  CHECK(plan.rejected[0].gate == "budget");
  CHECK(plan.rejected[0].ready == today.ends);
  CHECK(plan.rejected[1].reason.find("price of this one is not known") != std::string::npos);
  // Where one place alone is asked for, that is the cheapest, unless nobody knows.
  CHECK(world.order(asking("dear/m")) == "dear ");
  CHECK(world.order(asking("odd/m")).empty());
}

TEST_CASE("free is cheapest, and keys of one price stay together") {
  config::Config config = three();
  config.providers[2] = provider("free", 0, 0);
  for (const auto* id : {"one", "two"}) {
    config::Key key;
    key.id = id;
    key.secret = {config::SecretRef::Kind::value, "secret"};
    config.providers[2].keys.push_back(key);
  }
  World world({budget("total", {}, 1, "cheapest")}, config);
  world.spend("m", "dear", 2);
  CHECK(world.order(asking("m")) == "free free ");
}

TEST_CASE("cheapest bears only on what is under it, and never lifts a block") {
  World world({budget("provider", "dear", 1, "cheapest"), budget("provider", "cheap", 1)});
  world.spend("m", "dear", 1);
  CHECK(world.order(asking("m")) == "cheap odd ");
  world.spend("m", "cheap", 1);
  // Of those left it is the cheapest with a price.
  CHECK(world.order(asking("m")) == "dear odd ");
}

TEST_CASE("an edit keeps what was spent, and a raised budget opens again") {
  World world({budget("total", {}, 1), budget("provider", "dear", 5)});
  world.spend("m", "dear", 2);
  CHECK(world.order(asking("m")).empty());
  auto config = three();
  const auto before = world.budgets.verdicts();
  config.budgets = {budget("provider", "dear", 2)};
  world.budgets.configure(config);
  CHECK(world.budgets.verdicts() > before);
  CHECK(world.order(asking("m")) == "cheap odd ");
  // Removed and made again on one day is no way around it.
  config.budgets.push_back(budget("total", {}, 1));
  world.budgets.configure(config);
  CHECK(world.budgets.rows()[1].spent.usd == 2);
  CHECK(world.order(asking("m")).empty());
  config.budgets[1].usd_per_day = 3;
  world.budgets.configure(config);
  CHECK(world.order(asking("m")) == "cheap odd ");
}

TEST_CASE("spending comes back after a restart, on the same day only") {
  World world({budget("total", {}, 1), budget("model", "fast", 3)});
  world.spend("fast", "cheap", 0.1);
  world.spend("fast", "cheap", 0.2);
  world.spend("m", "dear", {});
  const auto text = write_spending(world.budgets.kept());
  const auto kept = read_spending(text);
  REQUIRE(kept.has_value());
  World other({budget("model", "fast", 3), budget("total", {}, 1)});
  other.budgets.restore(*kept, now);
  CHECK(other.budgets.rows()[0].spent == Spent{0.1 + 0.2, 0});
  CHECK(other.budgets.rows()[1].spent == Spent{0.1 + 0.2, 1});
  CHECK(other.budgets.day() == today);
  World late({budget("total", {}, 1)});
  late.budgets.restore(*kept, today.ends);
  CHECK(late.budgets.rows()[0].spent == Spent{});
  // What the store does not name now is kept for when it does again.
  World without({});
  without.budgets.restore(*kept, now);
  CHECK(write_spending(without.budgets.kept()) == text);
}

TEST_CASE("a spending text somebody else wrote does no harm") {
  for (const auto* text :
       {"", "[]", "{}", "x", R"({"version":2,"begins_ms":0,"ends_ms":1,"spent":[]})",
        R"({"version":1,"begins_ms":5,"ends_ms":5,"spent":[]})",
        R"({"version":1,"begins_ms":0,"ends_ms":999999999,"spent":[]})",
        R"({"version":1,"begins_ms":0,"ends_ms":1})"})
    CHECK(read_spending(text).has_error());
  const auto odd = read_spending(
      R"({"version":1,"begins_ms":0,"ends_ms":86400000,"spent":[7,{},{"scope":"total"},)"
      R"({"scope":"total","spent_usd":-1},{"scope":"total","spent_usd":1,"unpriced":-1},)"
      R"({"scope":"client","name":"x","spent_usd":1e300}]})");
  REQUIRE(odd.has_value());
  REQUIRE(odd->rows.size() == 1);
  CHECK(odd->rows[0].name == "x");
}

TEST_CASE("dollars are said so that little ones can be told apart") {
  CHECK(dollars(0) == "$0.00");
  CHECK(dollars(0.5) == "$0.50");
  CHECK(dollars(0.00421) == "$0.00421");
  CHECK(dollars(2e-8) == "$2e-08");
  CHECK(dollars(20) == "$20.00");
  CHECK(dollars(1234.567) == "$1234.57");
}
