// Who chooses in a run, and what came of it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/route/strategy.hpp"

namespace tpool::sim {

// shipped: one of tpool's strategies with everything around it as the proxy has it. Baselines get
// three attempts, a tried-set, honoured hints and a limit of 60 s, and no more.
struct Contestant {
  enum class Kind { shipped, baseline, sticky, peak_ewma, oracle };
  Kind kind = Kind::shipped;
  route::Strategy strategy = route::Strategy::priced_affinity;

  bool ships() const { return kind == Kind::shipped; }
  std::string name() const;
  bool operator==(const Contestant&) const = default;
};

struct Tally {
  std::int64_t calls = 0;
  std::int64_t served = 0;    // to the end
  std::int64_t unserved = 0;  // nothing of an answer came
  std::int64_t cut = 0;       // in the middle
  std::int64_t attempts = 0;
  std::int64_t queued = 0;   // waited for a slot
  int most_at_once = 0;      // at one deployment
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

}  // namespace tpool::sim
