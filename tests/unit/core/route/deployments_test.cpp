#include "core/route/deployments.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "two_providers.hpp"

using namespace tpool;
using namespace tpool::route;
using Kind = ir::Failure::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

void succeed(Deployments& deployments, const Where& where, TimePoint now) {
  auto& one = deployments.at(where);
  const auto running = deployments.began(one, {now});
  deployments.succeeded(one, running, 10, now);
}

}  // namespace

TEST_CASE("nothing is remembered of what was never used") {
  const Deployments deployments;
  const auto look = deployments.look({"a", "one", "m"}, {start});
  CHECK_FALSE(look.bar.has_value());
  CHECK(look.state == "healthy");
}

TEST_CASE("a rate limit bars the model, on a second model the whole key") {
  Deployments deployments;
  deployments.configure(two_providers(), start);
  fail(deployments, {"a", "one", "m"}, failure(Kind::rate_limited, seconds(30)), start);
  CHECK(barred(deployments, {"a", "one", "m"}, start));
  CHECK_FALSE(barred(deployments, {"a", "one", "n"}, start));
  fail(deployments, {"a", "one", "n"}, failure(Kind::rate_limited, seconds(20)), start);
  CHECK(barred(deployments, {"a", "one", "never used"}, start));
  CHECK_FALSE(barred(deployments, {"a", "two", "m"}, start));
  CHECK_FALSE(barred(deployments, {"b", "one", "m"}, start));
  CHECK_FALSE(barred(deployments, {"a", "one", "never used"}, start + seconds(20)));
  CHECK(deployments.look({"a", "one", "m"}, {start}).bar->ready == start + seconds(30));
}

TEST_CASE("a hold stops every key of the account, and only those") {
  Deployments alone;
  alone.configure(two_providers(), start);
  fail(alone, {"a", "one", "m"}, failure(Kind::hold, {}, 403), start);
  CHECK(barred(alone, {"a", "two", "n"}, start));
  CHECK_FALSE(barred(alone, {"b", "one", "m"}, start));
  CHECK(alone.reset("a", "two", start) > 0);
  CHECK_FALSE(barred(alone, {"a", "one", "m"}, start));

  auto config = two_providers();
  config.providers[0].keys[0].group = config.providers[1].keys[1].group = "team";
  Deployments grouped;
  grouped.configure(config, start);
  fail(grouped, {"a", "one", "m"}, failure(Kind::hold, {}, 403), start);
  CHECK(barred(grouped, {"b", "two", "m"}, start));
  CHECK_FALSE(barred(grouped, {"a", "two", "m"}, start));
  CHECK_FALSE(barred(grouped, {"b", "one", "m"}, start));
  // The account of those in no group is another one.
  fail(grouped, {"b", "one", "m"}, failure(Kind::hold, {}, 403), start);
  CHECK(grouped.reset("a", "one", start) > 0);
  CHECK_FALSE(barred(grouped, {"b", "two", "m"}, start));
  CHECK(barred(grouped, {"b", "one", "m"}, start));
}

TEST_CASE(
    "an account on hold until a far time lets one request through, and its success the rest") {
  auto config = two_providers();
  config.providers[0].keys[0].group = config.providers[0].keys[1].group = "team";
  const Hold hold{"hold", "on hold", start + hours(5), Scope::group};
  Deployments deployments;
  deployments.configure(config, start);
  deployments.restore({{"", "", "", "team", hold}, {"b", "", "", "", hold}}, start);
  const auto later = start + minutes(10);
  for (const std::string_view provider : {"a", "b"}) {
    CHECK(barred(deployments, {provider, "one", "m"}, later - seconds(1)));
    CHECK_FALSE(barred(deployments, {provider, "one", "m"}, later));
    auto& one = deployments.at({provider, "one", "m"});
    const auto probe = deployments.began(one, {later});
    CHECK(barred(deployments, {provider, "one", "m"}, later));
    CHECK(barred(deployments, {provider, "two", "n"}, later + minutes(9)));
    deployments.succeeded(one, probe, {}, later + seconds(1));
    CHECK_FALSE(barred(deployments, {provider, "two", "n"}, later + seconds(1)));
  }
}

TEST_CASE(
    "a provider that cannot be reached goes behind the others, and one answer brings it back") {
  Deployments deployments;
  for (int i = 0; i < 3; ++i)
    fail(deployments, {"a", i % 2 ? "one" : "two", "m"}, failure(Kind::unreachable), start);
  const auto look = deployments.look({"a", "one", "never used"}, {start});
  REQUIRE(look.bar.has_value());
  CHECK(look.bar->soft);
  CHECK(look.bar->state == "breaker");
  fail(deployments, {"a", "one", "m"}, failure(Kind::overloaded, {}, 500), start + seconds(20));
  CHECK_FALSE(deployments.look({"a", "two", "n"}, {start + seconds(20)}).bar.has_value());
}

TEST_CASE("only a success that began after the hold shows that it is over") {
  Deployments deployments;
  const Where where{"a", "one", "m"};
  auto& one = deployments.at(where);
  const auto old = deployments.began(one, {start - seconds(5)});
  fail(deployments, where, failure(Kind::rate_limited, seconds(30)), start);
  deployments.succeeded(one, old, {}, start + seconds(1));
  CHECK(barred(deployments, where, start + seconds(2)));
  succeed(deployments, where, start + seconds(3));
  CHECK_FALSE(barred(deployments, where, start + seconds(4)));
}

TEST_CASE("what bars is kept over a restart, a refused key is tried anew") {
  auto config = two_providers();
  config.providers[0].keys[0].group = "team";
  Deployments before;
  before.configure(config, start);
  fail(before, {"a", "two", "m"}, failure(Kind::rate_limited, seconds(300)), start);
  fail(before, {"b", "one", "m"}, failure(Kind::quota, hours(5), 402), start);
  fail(before, {"a", "one", "m"}, failure(Kind::hold, {}, 403), start);
  fail(before, {"b", "two", "m"}, failure(Kind::auth, {}, 401), start);
  Deployments after;
  after.configure(config, start);
  after.restore(before.kept(start), start + seconds(1));
  CHECK(after.look({"a", "two", "m"}, {start + seconds(2)}).state == "cooldown");
  CHECK(after.look({"b", "one", "x"}, {start + seconds(2)}).state == "quota");
  CHECK(after.look({"a", "one", "m"}, {start + seconds(2)}).state == "hold");
  CHECK_FALSE(barred(after, {"b", "two", "m"}, start + seconds(2)));
  CHECK_FALSE(barred(after, {"a", "two", "m"}, start + seconds(300)));
  CHECK(after.reset("", "", start) == 3);
  for (const std::string_view provider : {"a", "b"})
    for (const std::string_view key : {"one", "two"})
      CHECK_FALSE(barred(after, {provider, key, "m"}, start));
}

TEST_CASE("of a far deadline one probe leaves in ten minutes, whatever becomes of it") {
  constexpr std::array ends = {Kind::overloaded, Kind::unreachable, Kind::silent,   Kind::no_answer,
                               Kind::cut,        Kind::garbage,     Kind::forbidden};
  const Where where{"a", "one", "m"};
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Deployments deployments;
    deployments.configure(two_providers(), start);
    // A quota with a reset or without, of the model or the key; or a long hint.
    const auto kind = random() % 3 ? Kind::quota : Kind::rate_limited;
    const bool said = kind == Kind::rate_limited || random() % 2;
    fail(deployments, where,
         failure(kind, said ? std::optional<Milliseconds>(hours(48)) : std::nullopt,
                 random() % 2 ? 402 : 429),
         start);
    auto& one = deployments.at(where);
    std::vector<Running> running;
    auto now = start;
    auto last = start;
    int probes = 0;
    while (now < start + hours(24)) {
      now += Milliseconds(random() % 120'000);
      if (!running.empty() && random() % 2) {
        const auto probe = running.back();
        running.pop_back();
        if (random() % 3 == 0) {
          deployments.abandoned(one, probe, {}, now);
        } else {
          const auto what = failure(ends[random() % ends.size()], {}, random() % 2 ? 503 : 0);
          const auto verdict =
              judge(what, {}, {1, 0, false, true}, deployments.past(one, now), now, random());
          deployments.failed(one, probe, verdict, now);
        }
      }
      if (barred(deployments, where, now)) {
        REQUIRE(deployments.look(where, {now}).bar->ready <= now + minutes(10));
        continue;
      }
      // Many come at once; only the first is let through.
      REQUIRE(now >= last + minutes(10));
      running.push_back(deployments.began(one, {now}));
      last = now;
      ++probes;
      REQUIRE(barred(deployments, where, now));
    }
    CHECK(probes > 100);
    succeed(deployments, where, now);
    CHECK_FALSE(barred(deployments, where, now));
  }
}

TEST_CASE("refusals without a hint rest longer each time, and old ones are forgotten") {
  Deployments deployments;
  const Where where{"a", "one", "m"};
  const auto rests = [&](TimePoint now) {
    fail(deployments, where, failure(Kind::rate_limited), now);
    return std::chrono::round<seconds>(deployments.look(where, {now}).bar->ready - now).count();
  };
  auto now = start;
  for (const auto wanted : {5, 10, 20, 40, 80, 120, 120}) {
    CHECK(rests(now) == doctest::Approx(wanted).epsilon(0.21));
    now += minutes(3);
  }
  now += minutes(4);
  CHECK(rests(now) == doctest::Approx(120).epsilon(0.21));
  now += minutes(11);
  CHECK(rests(now) == doctest::Approx(5).epsilon(0.21));
  CHECK(rests(now + minutes(1)) == doctest::Approx(10).epsilon(0.21));
  succeed(deployments, where, now + minutes(2));
  CHECK(rests(now + minutes(2)) == doctest::Approx(5).epsilon(0.21));
  CHECK(deployments.reset("", "", now + minutes(2)) == 1);
  CHECK(rests(now + minutes(2)) == doctest::Approx(5).epsilon(0.21));
}

TEST_CASE("attempts that are refused together rest once, however many they were") {
  Deployments deployments;
  const Where where{"a", "one", "m"};
  auto& one = deployments.at(where);
  std::vector<Running> running;
  for (int i = 0; i < 20; ++i) running.push_back(deployments.began(one, {start}));
  auto now = start + seconds(1);
  for (const auto& each : running) {
    const auto verdict = judge(failure(Kind::rate_limited), {}, {1, 0, false, true},
                               deployments.past(one, now), now, 5);
    deployments.failed(one, each, verdict, now);
    now += Milliseconds(10);
  }
  CHECK(one.strikes.count(now, config::default_routing.strikes_forgotten) == 1);
  CHECK(deployments.look(where, {now}).bar->ready < now + seconds(13));
}

// Whatever happened, in whatever order: left alone, every candidate can be used again, or says
// which way out it has; and then one success makes it healthy.
TEST_CASE("nothing absorbs, under random sequences of events") {
  constexpr std::array kinds = {
      Kind::unreachable, Kind::no_answer,    Kind::cut,   Kind::silent,    Kind::garbage,
      Kind::overloaded,  Kind::rate_limited, Kind::quota, Kind::auth,      Kind::forbidden,
      Kind::not_found,   Kind::unsupported,  Kind::hold,  Kind::cancelled, Kind::internal};
  for (unsigned seed = 0; seed < 150; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    auto config = two_providers();
    config.providers[0].limits.rpm = 30;
    config.providers[1].limits.tpm = 20'000;
    if (below(2)) config.providers[0].keys[0].group = config.providers[1].keys[0].group = "g";
    Deployments deployments;
    deployments.configure(config, start);
    struct Open {
      Deployment* one;
      Running running;
    };
    std::vector<Open> open;
    auto now = start;
    const auto pick = [&]() -> Deployment& {
      const std::string_view providers[] = {"a", "b"};
      const std::string_view keys[] = {"one", "two"};
      const std::string_view models[] = {"m", "n", "o"};
      return deployments.at({providers[below(2)], keys[below(2)], models[below(3)]});
    };
    for (int step = 0; step < 300; ++step) {
      now += Milliseconds(below(below(20) == 0 ? 2'000'000 : 5'000));
      if (open.empty() || below(2)) {
        auto& one = pick();
        open.push_back({&one, deployments.began(one, {now, 500, below(4) == 0})});
      } else {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(below(open.size()));
        switch (below(4)) {
          case 0: deployments.succeeded(*at->one, at->running, 400, now); break;
          case 1: deployments.abandoned(*at->one, at->running, {}, now); break;
          default: {
            auto what = failure(kinds[below(kinds.size())]);
            if (below(2)) what.retry_after = Milliseconds(below(100'000'000));
            if (below(2)) what.status = 500;
            const auto verdict = judge(what, {}, {1, 0, below(5) == 0, below(2) == 0},
                                       deployments.past(*at->one, now), now, random());
            deployments.failed(*at->one, at->running, verdict, now);
          }
        }
        open.erase(at);
      }
      if (below(50) == 0) {
        RateReports reports;
        reports.requests = {60, 0, Milliseconds(below(10'000'000))};
        deployments.learned(pick(), reports, now);
      }
      deployments.each([&](const Deployment& one) {
        const auto look = deployments.look(one.where(), {now, 500});
        if (!look.bar || look.bar->ready == TimePoint::max()) return;
        // Whoever waits until then may go, or is told a later time; never an earlier one.
        REQUIRE(look.bar->ready >= now);
      });
    }
    // Some attempts are never reported back: a crash of their own, and no reason to stand still.
    const auto later = now + hours(24 * 36);
    bool named = false;
    deployments.each([&](const Deployment& one) {
      const auto look = deployments.look(one.where(), {later, 500});
      if (!look.bar) return;
      if (look.bar->soft) {
        REQUIRE(look.bar->state == "busy");  // attempts that were never reported
        return;
      }
      const bool by_name = look.bar->state == "auth" || look.bar->state == "hold";
      REQUIRE(by_name);
      REQUIRE(look.bar->ready == TimePoint::max());
      named = true;
    });
    if (named) CHECK(deployments.reset("", "", later) > 0);
    for (auto& each : open) deployments.abandoned(*each.one, each.running, {}, later);
    deployments.each([&](const Deployment& one) {
      REQUIRE(one.strikes.count(later, config::default_routing.strikes_forgotten) == 0);
    });
    deployments.each([&](const Deployment& one) {
      REQUIRE(one.in_flight.now() == 0);
      REQUIRE_FALSE(deployments.look(one.where(), {later, 500}).bar.has_value());
    });
    for (int i = 0; i < 12; ++i) {
      auto& one = pick();
      const auto running = deployments.began(one, {later, 1});
      deployments.succeeded(one, running, 1, later);
      REQUIRE(deployments.look(one.where(), {later + minutes(1), 1}).state == "healthy");
    }
  }
}

TEST_CASE("what began before a hold was learned does not shorten it, what probes it may") {
  Deployments deployments;
  deployments.configure(two_providers(), start);
  const Where where{"a", "one", "m"};
  auto& one = deployments.at(where);
  const auto end = [&](const Running& running, const ir::Failure& what, TimePoint now) {
    const auto verdict = judge(what, {}, {1, 0, false, true}, deployments.past(one, now), now, 5);
    deployments.failed(one, running, verdict, now);
  };
  const auto first = deployments.began(one, {start});
  const auto second = deployments.began(one, {start});
  end(first, failure(Kind::quota, Milliseconds(hours(5))), start + seconds(1));
  end(second, failure(Kind::rate_limited, Milliseconds(seconds(3))), start + seconds(2));
  CHECK(deployments.look(where, {start + seconds(10)}).state == "quota");
  // Ten minutes later one request is let through, and its word counts.
  const auto later = start + seconds(1) + minutes(10);
  CHECK_FALSE(barred(deployments, where, later));
  const auto probe = deployments.began(one, {later});
  end(probe, failure(Kind::rate_limited, Milliseconds(seconds(3))), later + seconds(1));
  CHECK(deployments.look(where, {later + seconds(2)}).state == "cooldown");
  CHECK_FALSE(barred(deployments, where, later + seconds(5)));
}
