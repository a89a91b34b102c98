#include "core/sim/verdict.hpp"

#include <algorithm>

namespace tpool::sim {
namespace {

using Kind = Contestant::Kind;

// Places in rivals().
constexpr std::size_t weighted = 1, round_robin = 2, least_latency = 3, sticky = 4;

class Mean {
 public:
  void add(double value) { sum_ += value, ++count_; }
  double value() const { return count_ > 0 ? sum_ / count_ : 0; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

template <class Value>
double mean(const std::vector<Played>& played, Value value) {
  Mean made;
  for (const auto& one : played) made.add(value(one));
  return made.value();
}

}  // namespace

const std::vector<Contestant>& rivals() {
  static const std::vector<Contestant> all{{Kind::oracle, route::Strategy::priority},
                                           {Kind::baseline, route::Strategy::weighted},
                                           {Kind::baseline, route::Strategy::round_robin},
                                           {Kind::baseline, route::Strategy::least_latency},
                                           {Kind::sticky, route::Strategy::least_latency},
                                           {Kind::peak_ewma, route::Strategy::least_latency}};
  return all;
}

std::vector<Cell> cells(const std::vector<Played>& played) {
  std::vector<Cell> made;
  for (const auto profile :
       {route::Profile::balanced, route::Profile::fast, route::Profile::cheap}) {
    for (const auto regime : regimes) {
      std::vector<Played> here;
      for (const auto& one : played)
        if (one.where.profile == profile && one.where.regime == regime) here.push_back(one);
      if (here.empty()) continue;
      Cell cell;
      cell.profile = profile;
      cell.regime = regime;
      cell.oracle_usd = mean(here, [](const Played& one) { return one.rivals[0].loss(); });
      cell.regret = mean(here, [](const Played& one) { return one.regret(one.subject); });
      for (std::size_t i = 1; i < rivals().size(); ++i)
        cell.rival_regrets.push_back(
            mean(here, [&](const Played& one) { return one.regret(one.rivals[i]); }));
      cell.success_before_stream =
          mean(here, [](const Played& one) { return one.subject.success_before_stream(); });
      cell.cached_share = mean(here, [](const Played& one) { return one.subject.cached_share(); });
      cell.attempts_per_call =
          mean(here, [](const Played& one) { return one.subject.attempts_per_call(); });
      made.push_back(std::move(cell));
    }
  }
  return made;
}

std::vector<Gate> gates(const std::vector<Played>& played) {
  const auto all = cells(played);
  std::vector<Gate> made;
  double worst_regret = -1, worst_cached = 1, most_attempts = 0, storm = 1;
  bool stormed = false;
  for (const auto profile :
       {route::Profile::balanced, route::Profile::fast, route::Profile::cheap}) {
    Mean regret;
    bool any = false;
    for (const auto& cell : all) {
      if (cell.profile != profile) continue;
      any = true;
      regret.add(cell.regret);
      worst_regret = std::max(worst_regret, cell.regret);
      worst_cached = std::min(worst_cached, cell.cached_share);
      most_attempts = std::max(most_attempts, cell.attempts_per_call);
      if (cell.regime != Regime::storm) continue;
      stormed = true;
      storm = std::min(storm, cell.success_before_stream);
    }
    if (any)
      made.push_back(
          {"mean regret, " + std::string(route::to_string(profile)), regret.value(), 0.08});
  }
  made.push_back({"regret, worst regime", worst_regret, 0.15});
  const auto margin = [&](std::size_t rival) {
    return mean(played, [&](const Played& one) {
      return one.subject.loss() / one.rivals[rival].loss() - 1;
    });
  };
  made.push_back({"loss against weighted", margin(weighted), -0.30});
  made.push_back({"paired wins over weighted",
                  mean(played,
                       [](const Played& one) {
                         return one.subject.loss() < one.rivals[weighted].loss() ? 1.0 : 0.0;
                       }),
                  0.95, false});
  made.push_back({"loss against round-robin", margin(round_robin), -0.28});
  made.push_back({"loss against least-latency", margin(least_latency), -0.10});
  made.push_back({"loss against session-sticky", margin(sticky), -0.04});
  made.push_back(
      {"success before the stream",
       mean(played, [](const Played& one) { return one.subject.success_before_stream(); }), 0.999,
       false});
  if (stormed) made.push_back({"success in the storm", storm, 0.998, false});
  made.push_back({"cached share, mean",
                  mean(played, [](const Played& one) { return one.subject.cached_share(); }), 0.90,
                  false});
  made.push_back({"cached share, worst regime", worst_cached, 0.85, false});
  made.push_back({"attempts per request, worst regime", most_attempts, 1.12, true, false});
  return made;
}

std::vector<Lost> losing_cases(const std::vector<Played>& played) {
  std::vector<Lost> made;
  for (const auto& one : played)
    for (std::size_t i = 1; i < rivals().size(); ++i) {
      const double by = one.subject.loss() / one.rivals[i].loss() - 1;
      if (by > 0) made.push_back({one.where, rivals()[i].name(), by});
    }
  std::ranges::sort(made, [](const Lost& a, const Lost& b) { return a.by > b.by; });
  return made;
}

}  // namespace tpool::sim
