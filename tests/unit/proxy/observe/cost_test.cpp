#include "proxy/observe/cost.hpp"

#include <doctest/doctest.h>

using namespace tpool;

TEST_CASE("every kind of token has its own price") {
  const config::Cost price{.input = 2.0, .output = 8.0, .cache_read = 0.5, .cache_write = 2.5};
  const ir::Usage usage{1'000'000, 2'000'000, 400'000, 500'000, 100'000};
  CHECK(observe::cost_of(price, usage).value() == doctest::Approx(2.0 + 1.0 + 1.0 + 4.0));
}

TEST_CASE("an unknown price of a kind that was used makes the cost unknown") {
  CHECK_FALSE(observe::cost_of({.input = 1.0}, {.input = 5, .output = 1}).has_value());
  CHECK(observe::cost_of({.input = 1.0}, {.input = 5}).has_value());
}

TEST_CASE("cached tokens without a price count as fresh ones") {
  const config::Cost price{.input = 1.0, .output = 1.0};
  CHECK(observe::cost_of(price, {.cache_read = 1'000'000}).value() == doctest::Approx(1.0));
}
