// What is believed of a candidate, learned from how its attempts ended.
//
// Each belief is pulled back to its prior while nothing new is seen, so that none is absorbing: a
// candidate that was slow or broken is thought of as before after a while, and tried again. Pure:
// the time is an argument, and so are priors and paces. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "core/config/routing.hpp"
#include "core/route/envelope.hpp"
#include "core/route/random.hpp"
#include "core/types.hpp"

namespace tpool::route {

// Seconds as the beliefs count them.
double seconds(TimePoint time);

// Seconds to the first token: ridge regression on [1, uncached thousand tokens, in flight], where
// old observations fade and each counts relative to its size.
class FirstToken {
 public:
  double predict(double uncached_ktok, double in_flight, double now,
                 const config::Routing& routing) const;
  void learn(double uncached_ktok, double in_flight, double took, double now,
             const config::Routing& routing);

 private:
  using Weights = std::array<double, 3>;
  static Weights prior(const config::Routing& routing);
  void solve(const Weights& prior);

  std::array<double, 6> gram_{};  // upper triangle
  std::array<double, 3> moment_{};
  Weights weights_{};  // nothing as long as nothing was learned
  double at_ = 0;
};

// The share of attempts that fail: a Beta whose counts fade by half-lives.
class Failures {
 public:
  double mean(double now, const config::Routing& routing) const;
  double draw(Random& random, double now, const config::Routing& routing) const;
  void learn(bool failed, double now, const config::Routing& routing);
  bool known() const { return at_ > 0; }

 private:
  double faded(double now, const config::Routing& routing) const;
  double failed_ = 0;
  double served_ = 0;
  double at_ = 0;
};

// A moving average that returns to its prior.
class Average {
 public:
  constexpr Average(double prior, double half_life)
      : prior_(prior), half_life_(half_life), value_(prior) {}
  double value(double now) const;
  // `step`: what one measure counts.
  void learn(double seen, double step, double now);
  bool known() const { return at_ > 0; }

 private:
  double prior_;
  double half_life_;
  double value_;
  double at_ = 0;
};

struct Belief {
  FirstToken first_token = {};
  Failures failures = {};
  // What nobody measured is thought of as fast, so that it is tried: once, if it is not.
  Average latency{1.0, 900};           // seconds to the first token, whatever the prompt
  Average tokens_per_second{85, 900};  // once it speaks
  Average hit{1.0, 600};               // reported over predicted cached tokens
  Average recovery{4.0, 600};          // seconds a failure costs before another may try
  int in_flight = 0;
  std::uint64_t last_turn = 0;  // when it was last chosen, in decisions
};

// How an attempt ended, as far as it is to be learned from.
struct Outcome {
  bool failed = false;       // by its own fault
  bool counted = true;       // false: says nothing about its health (limits, the client's leaving)
  double prompt_tokens = 0;  // as reported; 0: as estimated
  double predicted_cached = 0;
  double reported_cached = -1;  // below zero: not said
  double in_flight = 0;         // others, when it began
  double first_token_s = -1;    // below zero: nobody saw it
  double output_tokens = 0;
  double total_s = 0;
};

class Beliefs {
 public:
  // By Candidate::hash(). A candidate nobody tried is believed to be as the prior says.
  const Belief& of(std::uint64_t candidate) const;
  void started(std::uint64_t candidate, std::uint64_t turn);
  void ended(std::uint64_t candidate, const Outcome& outcome, TimePoint now,
             const config::Routing& routing);

  std::size_t size() const { return by_candidate_.size(); }

  // Tokens an answer of this class is expected to have.
  double expected_output(Class request_class) const;
  void answered(Class request_class, double output_tokens);

 private:
  static constexpr std::size_t most = 4096;
  std::unordered_map<std::uint64_t, Belief> by_candidate_;
  std::array<double, 4> output_{500, 500, 150, 16};
};

}  // namespace tpool::route
