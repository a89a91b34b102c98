#include "core/ir/event.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace tpool::ir;

TEST_CASE("every kind of failure has a word of its own") {
  std::set<std::string_view> words;
  const int last = static_cast<int>(Failure::Kind::internal);
  for (int kind = 0; kind <= last; ++kind)
    words.insert(to_string(static_cast<Failure::Kind>(kind)));
  CHECK(words.size() == static_cast<std::size_t>(last) + 1);
  CHECK(to_string(Failure::Kind::rate_limited) == "rate_limited");
}

TEST_CASE("all input is fresh, read from a cache or written to one, also past 2^31") {
  const Usage usage{3000000000, 5, 7, 4000000000, 1};
  CHECK(usage.total_input() == 3000000012);
}
