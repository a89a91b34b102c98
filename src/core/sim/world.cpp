#include "core/sim/world.hpp"

#include <cmath>

namespace tpool::sim {
namespace {

constexpr std::array<std::string_view, 9> names{
    "steady", "brownout", "outage", "storm", "drift", "price", "hangs", "flapping", "cacheless"};

}  // namespace

std::string_view to_string(Regime regime) { return names[static_cast<std::size_t>(regime)]; }

std::optional<Regime> parse_regime(std::string_view text) {
  for (const auto regime : regimes)
    if (to_string(regime) == text) return regime;
  return std::nullopt;
}

Weather weather(Regime regime, std::size_t deployment, double now) {
  Weather made;
  const bool favourite = deployment < 2;  // A and B
  const bool trouble = now >= trouble_begins && now < trouble_ends;
  switch (regime) {
    case Regime::steady: break;
    case Regime::brownout:
      if (!favourite || !trouble) break;
      made.slowness = 5;
      made.errors = 0.25;
      break;
    case Regime::outage: made.up = !favourite || !trouble; break;
    case Regime::storm:
      if (trouble) made.limits = 0.15;
      break;
    case Regime::drift:
      if (now < trouble_begins) break;
      if (favourite) made.slowness = 4;
      if (deployment == 4) made.slowness = 0.5;
      break;
    case Regime::price:
      if (favourite && trouble) made.price = 3;
      break;
    case Regime::hangs:
      if (trouble) made.hangs = 0.05;
      break;
    case Regime::flapping:
      if (favourite && trouble) made.up = std::fmod(now, 120.0) >= 60.0;
      break;
    case Regime::cacheless: made.caches = !favourite || !trouble; break;
  }
  return made;
}

int sessions(Regime regime, double now) {
  return regime == Regime::storm && now >= trouble_begins && now < trouble_ends ? 20 : 10;
}

int Caps::usual(const Deployment& deployment) { return static_cast<int>(1.5 * deployment.knee); }

std::shared_ptr<const catalog::Pool> make_pool(Regime regime, double now, route::Strategy strategy,
                                               route::Profile profile, Caps caps) {
  config::Config config;
  config.settings.strategy = route::to_string(strategy);
  config.settings.profile = route::to_string(profile);
  for (std::size_t i = 0; i < deployments.size(); ++i) {
    const auto& deployment = deployments[i];
    const double times = weather(regime, i, now).price;
    config::Provider provider;
    provider.id = deployment.id;
    provider.protocol = Protocol::responses;
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.models = {std::string(model_name)};
    provider.limits.concurrency = caps.of(deployment);
    config::ProviderModel facts;
    facts.id = model_name;
    facts.cost = config::Cost{deployment.input * times, deployment.output * times,
                              deployment.cached * times, std::nullopt};
    provider.model_facts = {std::move(facts)};
    config.providers.push_back(std::move(provider));
  }
  config::Model model;
  model.id = model_name;
  config.models = {std::move(model)};
  auto pool = catalog::build(std::make_shared<const config::Config>(std::move(config)), {}, "sim");
  return pool ? *pool : nullptr;
}

}  // namespace tpool::sim
