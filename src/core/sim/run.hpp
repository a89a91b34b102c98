// One run: ninety minutes of sessions against six deployments, with one contestant choosing.
//
// A closed loop: a session asks again only after its answer. Deterministic in its arguments. Any
// thread; runs share nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/route/profile.hpp"
#include "core/route/strategy.hpp"
#include "core/sim/world.hpp"

namespace tpool::sim {

// shipped: one of tpool's strategies with everything around it as the proxy has it. Baselines get
// three attempts, a tried-set, honoured hints and a limit of 60 s, and no more.
struct Contestant {
  enum class Kind { shipped, baseline, sticky, peak_ewma, oracle };
  Kind kind = Kind::shipped;
  route::Strategy strategy = route::Strategy::priced_affinity;

  std::string name() const;
  bool operator==(const Contestant&) const = default;
};

struct Tally {
  std::int64_t calls = 0;
  std::int64_t served = 0;    // to the end
  std::int64_t unserved = 0;  // nothing of an answer came
  std::int64_t cut = 0;       // in the middle
  std::int64_t attempts = 0;
  double prompt_tokens = 0;  // of what was served
  double cached_tokens = 0;
  double usd = 0;
  double waiting_usd = 0;  // time, priced
  double seconds = 0;

  double loss() const;  // dollars per success: bill, time and failures
  double cached_share() const { return prompt_tokens > 0 ? cached_tokens / prompt_tokens : 0; }
  double attempts_per_call() const;
  double success_before_stream() const;
};

Tally run(std::uint64_t seed, Regime regime, route::Profile profile, const Contestant& contestant);

}  // namespace tpool::sim
