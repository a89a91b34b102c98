// Who the shipped code is measured against: the oracle, and two ways of choosing tpool does not
// ship.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/route/order.hpp"
#include "core/sim/endpoint.hpp"

namespace tpool::sim {

// The myopic oracle's choice: it knows true prices, weather, buckets, caches and load, spreads a
// switch over the calls still expected and charges the congestion it causes others. Nothing when
// every deployment is down.
struct Choice {
  std::size_t deployment = 0;
  double wait = 0;  // seconds until it can begin there
  double patience = 60;
};
std::optional<Choice> best(const Call& call, std::vector<Endpoint>& endpoints, std::uint32_t tried,
                           route::Profile profile, double now);

class Rival {
 public:
  // The deployment that served the session within the hour, else the least latency.
  const route::Step& sticky(std::span<const route::Step* const> steps, const Call& call,
                            double now) const;
  void served(const Call& call, std::size_t deployment, double now);
  // Of two drawn at random the one with the lower recent latency times load.
  const route::Step& peak_ewma(std::span<const route::Step* const> steps, const Call& call,
                               const route::Experience& experience, double now) const;

 private:
  struct Last {
    char deployment = 0;
    double time = 0;
  };
  std::unordered_map<std::uint64_t, Last> last_;
};

}  // namespace tpool::sim
