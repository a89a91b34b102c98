// How fast one key may call one model: requests and tokens per minute, tokens per five minutes.
//
// What the store limits is paced by GCRA (the leaky bucket as one number, with ten seconds' worth
// of burst) and never exceeded on purpose; the estimate of a request's tokens is corrected by the
// usage that comes back. What a provider says in its x-ratelimit-* fields is only believed as a
// preference: Learned never stops the last candidate. Times are arguments. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "core/route/window.hpp"
#include "core/types.hpp"

namespace tpool::route {

// A rate per minute.
class Gcra {
 public:
  explicit Gcra(double per_minute);
  double per_minute() const { return per_minute_; }
  // When `cost` may pass: now or earlier, if at once. A cost beyond the burst passes when all of
  // the burst is there.
  TimePoint ready(double cost, TimePoint now) const;
  void take(double cost, TimePoint now);
  // After the fact: it was this much more, or less.
  void correct(double by, TimePoint now);

 private:
  TimePoint::duration time_for(double cost) const;
  double per_minute_;
  double burst_;
  TimePoint arrival_{};  // the theoretical arrival time
};

struct PaceLimits {
  std::optional<std::int64_t> rpm = {};
  std::optional<std::int64_t> tpm = {};
  std::optional<std::int64_t> tokens_5m = {};
  bool operator==(const PaceLimits&) const = default;
};

class Pacer {
 public:
  void set_limits(const PaceLimits& limits);
  const PaceLimits& limits() const { return limits_; }
  TimePoint ready(std::int64_t tokens, TimePoint now) const;
  void began(std::int64_t tokens, TimePoint now);
  // `tokens` is what began() was told; nullopt: nothing was reported.
  void ended(std::int64_t tokens, std::optional<std::int64_t> used, TimePoint now);
  // Of the last minute, or five.
  std::int64_t requests(TimePoint now, Milliseconds span) const { return requests_.sum(now, span); }
  std::int64_t tokens(TimePoint now, Milliseconds span) const { return tokens_.sum(now, span); }

 private:
  PaceLimits limits_;
  std::optional<Gcra> rpm_;
  std::optional<Gcra> tpm_;
  Window<30> requests_{Milliseconds(10'000)};
  Window<30> tokens_{Milliseconds(10'000)};
};

// One limit as a provider reports it.
struct RateReport {
  std::optional<std::int64_t> limit = {};
  std::optional<std::int64_t> remaining = {};
  std::optional<Milliseconds> reset = {};  // until all of it is back
};

struct RateReports {
  RateReport requests = {};
  RateReport tokens = {};
};

class Learned {
 public:
  void observe(const RateReports& reports, TimePoint now);
  void began(std::int64_t tokens);
  TimePoint ready(std::int64_t tokens, TimePoint now) const;
  const std::optional<std::int64_t>& request_limit() const { return requests_.limit; }
  const std::optional<std::int64_t>& token_limit() const { return tokens_.limit; }

 private:
  struct Left {
    std::optional<std::int64_t> limit;
    std::int64_t remaining = 0;
    TimePoint seen{};
    TimePoint reset{};  // in the past: nothing is known
  };
  static void take_up(Left& left, const RateReport& report, TimePoint now);
  static TimePoint ready(const Left& left, std::int64_t need, TimePoint now);
  Left requests_;
  Left tokens_;
};

}  // namespace tpool::route
