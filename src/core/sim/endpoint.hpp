// One simulated deployment: its limits, its prompt cache, its load, and how it answers.
//
// What a provider would keep to itself is public here: the oracle looks at it, the shipped code
// only at what Answer carries. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/ir/event.hpp"
#include "core/sim/traffic.hpp"
#include "core/sim/world.hpp"

namespace tpool::sim {

// A bucket that a minute fills.
class Bucket {
 public:
  explicit Bucket(double per_minute) : per_minute_(per_minute), level_(per_minute) {}

  // Seconds until `amount` is there; more than it can ever hold counts as a full one.
  double wait(double amount, double now);
  void take(double amount, double now);
  void limit(double per_minute, double now);
  double level(double now);
  double per_minute() const { return per_minute_; }

 private:
  double per_minute_;
  double level_;
  double at_ = 0;
};

// What the heads of OpenAI-like providers say about limits.
struct Allowance {
  double request_limit = 0, requests_left = 0;
  double token_limit = 0, tokens_left = 0;
};

struct Answer {
  std::optional<ir::Failure::Kind> failed = {};
  bool committed = false;  // content came
  double retry_after = -1;
  double first_token = -1;  // seconds after sending
  double took = 0;          // to the end, whatever it was
  double cached = 0;        // tokens, as reported
  double output = 0;        // tokens, as far as it came
  double usd = 0;
  std::optional<Allowance> allowance = {};
};

class Endpoint {
 public:
  Endpoint(Regime regime, std::size_t index, std::uint64_t seed);

  // An attempt begins. It ends by itself after `took`; finished() must be called then.
  // `reserved`: reserve() took its place before.
  Answer attempt(const Call& call, int tries, double now, double patience, bool reserved);
  void reserve(const Call& call, double now);
  void finished() { --in_flight_; }

  // What only the oracle may know.
  double cached(const Call& call, double now) const;
  double ready_in(const Call& call, double now);
  int in_flight() const { return in_flight_; }
  Weather now_like(double now) const { return weather(regime_, index_, now); }

 private:
  struct Kept {
    double tokens = 0;
    double read_at = -1e9;
  };

  Regime regime_;
  std::size_t index_;
  std::uint64_t seed_;
  Bucket requests_;
  Bucket tokens_;
  std::unordered_map<std::uint64_t, Kept> sessions_;
  double shared_read_at_ = -1e9;
  int in_flight_ = 0;
};

}  // namespace tpool::sim
