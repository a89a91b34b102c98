// Seeded randomness: the same seed gives the same draws on every machine.
//
// SplitMix64 steps; core has no other source of chance, and the caller owns the seed. One thread at
// a time.
#pragma once

#include <cstdint>

namespace tpool::route {

// Spreads every bit of `value` over all bits of the result.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

constexpr std::uint64_t mix(std::uint64_t one, std::uint64_t other) {
  return mix(one + 0x9e3779b97f4a7c15ULL + mix(other));
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // in [0, 1)
  double exponential(double mean);
  double normal();                                  // mean 0, deviation 1
  double log_normal(double median, double spread);  // spread of the logarithm
  double gamma(double shape);
  double beta(double a, double b);

 private:
  std::uint64_t state_;
};

}  // namespace tpool::route
