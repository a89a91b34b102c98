#include "core/route/pacing.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

constexpr std::chrono::minutes five_minutes{5};
// The share of a minute's worth that may come at once.
constexpr double burst_share = 1.0 / 6;
// Whatever was taken, or a clock set back, waiting ends after this.
constexpr Milliseconds longest_wait = std::chrono::minutes(10);
// A provider's word about its limits holds at most this long.
constexpr Milliseconds longest_belief = std::chrono::minutes(10);

}  // namespace

Gcra::Gcra(double per_minute)
    : per_minute_(std::max(per_minute, 1.0)), burst_(std::max(1.0, per_minute_ * burst_share)) {}

TimePoint::duration Gcra::time_for(double cost) const {
  const std::chrono::duration<double> seconds(cost * 60 / per_minute_);
  return std::chrono::duration_cast<TimePoint::duration>(
      std::min<std::chrono::duration<double>>(seconds, std::chrono::hours(24)));
}

TimePoint Gcra::ready(double cost, TimePoint now) const {
  const auto arrival = std::min(arrival_, now + longest_wait);
  return arrival - time_for(std::max(0.0, burst_ - cost));
}

void Gcra::take(double cost, TimePoint now) {
  arrival_ = std::max(std::min(arrival_, now + longest_wait), now) + time_for(cost);
}

void Gcra::correct(double by, TimePoint now) {
  const auto base = std::min(arrival_, now + longest_wait);
  if (by > 0)
    arrival_ = std::max(base, now) + time_for(by);
  else
    arrival_ = base - time_for(-by);
}

void Pacer::set_limits(const PaceLimits& limits) {
  if (limits == limits_) return;
  const auto rate = [](std::optional<Gcra>& gcra, const std::optional<std::int64_t>& limit) {
    if (!limit)
      gcra.reset();
    else if (!gcra || gcra->per_minute() != static_cast<double>(*limit))
      gcra.emplace(static_cast<double>(*limit));
  };
  rate(rpm_, limits.rpm);
  rate(tpm_, limits.tpm);
  limits_ = limits;
}

TimePoint Pacer::ready(std::int64_t tokens, TimePoint now) const {
  auto when = now;
  if (rpm_) when = std::max(when, rpm_->ready(1, now));
  if (tpm_) when = std::max(when, tpm_->ready(static_cast<double>(tokens), now));
  if (limits_.tokens_5m) {
    // A request larger than the budget goes when nothing else is in it.
    const auto room = std::max<std::int64_t>(0, *limits_.tokens_5m - tokens);
    if (tokens_.sum(now, five_minutes) > room)
      when = std::max(when, tokens_.falls_to(room, now, five_minutes));
  }
  return when;
}

void Pacer::began(std::int64_t tokens, TimePoint now) {
  requests_.add(now, 1);
  tokens_.add(now, tokens);
  if (rpm_) rpm_->take(1, now);
  if (tpm_) tpm_->take(static_cast<double>(tokens), now);
}

void Pacer::ended(std::int64_t tokens, std::optional<std::int64_t> used, TimePoint now) {
  if (!used || *used == tokens) return;
  tokens_.add(now, *used - tokens);
  if (tpm_) tpm_->correct(static_cast<double>(*used - tokens), now);
}

void Learned::take_up(Left& left, const RateReport& report, TimePoint now) {
  if (report.limit) left.limit = report.limit;
  if (!report.remaining || !report.reset) return;
  left.remaining = std::max<std::int64_t>(0, *report.remaining);
  left.seen = now;
  left.reset = now + std::min(*report.reset, longest_belief);
}

void Learned::observe(const RateReports& reports, TimePoint now) {
  take_up(requests_, reports.requests, now);
  take_up(tokens_, reports.tokens, now);
}

void Learned::began(std::int64_t tokens) {
  requests_.remaining = std::max<std::int64_t>(0, requests_.remaining - 1);
  tokens_.remaining = std::max<std::int64_t>(0, tokens_.remaining - tokens);
}

TimePoint Learned::ready(const Left& left, std::int64_t need, TimePoint now) {
  if (left.reset <= now || left.remaining >= need || left.seen > now) return now;
  // It comes back evenly: enough of it is there before all of it is.
  if (!left.limit || *left.limit <= left.remaining) return left.reset;
  const double share = static_cast<double>(need - left.remaining) /
                       static_cast<double>(*left.limit - left.remaining);
  const auto span = std::chrono::duration<double, TimePoint::period>(left.reset - left.seen);
  return std::min(left.reset, left.seen + std::chrono::duration_cast<TimePoint::duration>(
                                              span * std::min(1.0, share)));
}

TimePoint Learned::ready(std::int64_t tokens, TimePoint now) const {
  return std::max({now, ready(requests_, 1, now), ready(tokens_, tokens, now)});
}

}  // namespace tpool::route
