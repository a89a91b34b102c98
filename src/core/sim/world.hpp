// The world of the simulation: six deployments of one model, and what befalls them.
//
// Times are seconds from the start of a run. Plain data; any thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "core/catalog/pool.hpp"
#include "core/route/profile.hpp"
#include "core/route/strategy.hpp"

namespace tpool::sim {

struct Deployment {
  std::string_view id;
  double input, cached, output;  // USD per million tokens
  double first_token;            // seconds, idle
  double prefill, decode;        // tokens per second
  double rpm, tpm;
  double knee;  // in flight, where the first token takes twice as long
};

inline constexpr std::array<Deployment, 6> deployments{{
    {"a", 1.25, 0.125, 10, 0.9, 15'000, 75, 60, 4e6, 12},
    {"b", 1.25, 0.125, 10, 0.9, 15'000, 75, 60, 4e6, 12},
    {"c", 0.6, 0.06, 2.4, 1.4, 8'000, 50, 60, 3e6, 8},
    {"d", 3, 0.3, 15, 0.8, 20'000, 85, 50, 2e6, 10},
    {"e", 0.28, 0.028, 0.42, 2.2, 4'000, 30, 100, 5e6, 6},
    {"f", 0, 0, 0, 1.8, 6'000, 45, 12, 1.5e6, 4},
}};

enum class Regime { steady, brownout, outage, storm, drift, price, hangs, flapping, cacheless };
inline constexpr std::array<Regime, 9> regimes{Regime::steady, Regime::brownout, Regime::outage,
                                               Regime::storm,  Regime::drift,    Regime::price,
                                               Regime::hangs,  Regime::flapping, Regime::cacheless};

std::string_view to_string(Regime regime);
std::optional<Regime> parse_regime(std::string_view text);

inline constexpr double run_length = 90 * 60;
inline constexpr double trouble_begins = 30 * 60;
inline constexpr double trouble_ends = 60 * 60;
inline constexpr double cache_life = 300;
inline constexpr double usual_cut = 0.002;
inline constexpr double failure_usd = 0.25;

// What holds of one deployment at one moment.
struct Weather {
  bool up = true;
  bool caches = true;
  double slowness = 1;  // of everything it does
  double price = 1;
  double limits = 1;
  double errors = 0;  // share of attempts refused
  double hangs = 0;   // share of attempts that never answer
};
Weather weather(Regime regime, std::size_t deployment, double now);

// Sessions at work at once.
int sessions(Regime regime, double now);

// The store tpool would have: the six as providers of one model, with the prices of that moment.
inline constexpr std::string_view model_name = "m";

// How many requests at once it lets run at each deployment: whoever knows a provider keeps below
// where it chokes. The first token takes twice as long at the knee, and three times at half as many
// again.
struct Caps {
  std::optional<int> each = {};  // nullopt: what `usual` says

  static int usual(const Deployment& deployment);
  int of(const Deployment& deployment) const { return each.value_or(usual(deployment)); }
};
std::shared_ptr<const catalog::Pool> make_pool(Regime regime, double now, route::Strategy strategy,
                                               route::Profile profile, Caps caps);

}  // namespace tpool::sim
