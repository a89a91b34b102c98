// What a series of runs comes to: regret against the oracle, margins over the baselines, and the
// bars they are held against.
//
// Plain arithmetic over tallies; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/sim/run.hpp"

namespace tpool::sim {

// Who everybody is compared with, the oracle first.
const std::vector<Contestant>& rivals();

struct Case {
  std::uint64_t seed = 0;
  route::Profile profile = route::Profile::balanced;
  Regime regime = Regime::steady;
};

// One case with everybody's tally: the subject's, and those of rivals() in order.
struct Played {
  Case where;
  Tally subject;
  std::vector<Tally> rivals;

  double regret(const Tally& tally) const { return tally.loss() / rivals[0].loss() - 1; }
};

// Means over the seeds of one profile and regime.
struct Cell {
  route::Profile profile = route::Profile::balanced;
  Regime regime = Regime::steady;
  double oracle_usd = 0;  // loss per success
  double regret = 0;
  std::vector<double> rival_regrets;
  double success_before_stream = 0;
  double cached_share = 0;
  double attempts_per_call = 0;
};
std::vector<Cell> cells(const std::vector<Played>& played);

struct Gate {
  std::string name;
  double value = 0;
  double bar = 0;
  bool at_most = true;
  bool percent = true;
  bool holds() const { return at_most ? value <= bar : value >= bar; }
};
std::vector<Gate> gates(const std::vector<Played>& played);

// A case that a baseline won.
struct Lost {
  Case where;
  std::string to;
  double by = 0;  // how much higher the subject's loss was
};
std::vector<Lost> losing_cases(const std::vector<Played>& played);

}  // namespace tpool::sim
