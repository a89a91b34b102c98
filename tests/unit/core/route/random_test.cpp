#include "core/route/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using tpool::route::Random;

TEST_CASE("the same seed draws the same, another does not") {
  Random one(7), same(7), other(8);
  const auto first = one.next();
  CHECK(first == same.next());
  CHECK(first != other.next());
}

TEST_CASE("draws have the mean of their distribution") {
  Random random(1);
  const int draws = 20'000;
  double uniform = 0, exponential = 0, normal = 0, beta = 0, rare = 0;
  for (int i = 0; i < draws; ++i) {
    uniform += random.uniform();
    exponential += random.exponential(3);
    normal += random.normal();
    beta += random.beta(2, 6);
    rare += random.beta(0.15, 6);
  }
  CHECK(uniform / draws == doctest::Approx(0.5).epsilon(0.02));
  CHECK(exponential / draws == doctest::Approx(3).epsilon(0.03));
  CHECK(std::abs(normal / draws) < 0.03);
  CHECK(beta / draws == doctest::Approx(0.25).epsilon(0.03));
  CHECK(rare / draws == doctest::Approx(0.15 / 6.15).epsilon(0.1));
}
