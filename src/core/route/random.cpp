#include "core/route/random.hpp"

#include <cmath>
#include <numbers>

namespace tpool::route {

double Random::exponential(double mean) { return -mean * std::log(1.0 - uniform()); }

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double Random::log_normal(double median, double spread) {
  return median * std::exp(spread * normal());
}

// Marsaglia and Tsang's rejection; a shape below one is boosted to one above it.
double Random::gamma(double shape) {
  if (shape < 1.0) {
    const double boosted = gamma(shape + 1.0);
    return boosted * std::pow(1.0 - uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal();
    const double v = std::pow(1.0 + c * x, 3);
    if (v <= 0.0) continue;
    if (std::log(1.0 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double Random::beta(double a, double b) {
  const double one = gamma(a);
  const double other = gamma(b);
  return one + other > 0.0 ? one / (one + other) : a / (a + b);
}

}  // namespace tpool::route
