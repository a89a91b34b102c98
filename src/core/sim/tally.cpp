#include "core/sim/tally.hpp"

#include "core/sim/world.hpp"

namespace tpool::sim {

std::string Contestant::name() const {
  switch (kind) {
    case Kind::oracle: return "oracle";
    case Kind::sticky: return "session-sticky";
    case Kind::peak_ewma: return "peak-ewma";
    case Kind::shipped:
    case Kind::baseline: break;
  }
  return std::string(route::to_string(strategy));
}

double Tally::loss() const {
  if (served == 0) return 1e9;
  return (usd + waiting_usd + failure_usd * static_cast<double>(unserved + cut)) /
         static_cast<double>(served);
}

double Tally::attempts_per_call() const {
  return calls > 0 ? static_cast<double>(attempts) / static_cast<double>(calls) : 0;
}

double Tally::success_before_stream() const {
  return calls > 0 ? 1.0 - static_cast<double>(unserved) / static_cast<double>(calls) : 0;
}

}  // namespace tpool::sim
