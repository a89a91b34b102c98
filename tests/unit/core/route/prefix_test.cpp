#include "core/route/prefix.hpp"

#include <doctest/doctest.h>

#include <map>

#include "core/route/random.hpp"

using namespace tpool::route;

namespace {

constexpr double least = 1024;

double held(const PrefixIndex& index, const std::vector<Boundary>& prompt, std::uint64_t credential,
            double now) {
  PrefixIndex::Holder holder{credential};
  index.look(prompt, {&holder, 1}, now);
  return holder.tokens;
}

}  // namespace

TEST_CASE("a credential is warm to the longest beginning it was sent, while the cache lives") {
  PrefixIndex index;
  const std::vector<Boundary> first{{1, 2000}, {2, 5000}};
  const std::vector<Boundary> second{{1, 2000}, {2, 5000}, {3, 9000}};
  const std::vector<Boundary> stranger{{1, 2000}, {7, 6000}};
  CHECK(held(index, second, 10, 0) == 0);
  index.note(first, 10, 300, least, 0);
  CHECK(held(index, second, 10, 100) == 5000);
  CHECK(held(index, stranger, 10, 100) == 2000);
  CHECK(held(index, second, 11, 100) == 0);
  CHECK(held(index, second, 10, 301) == 0);
}

TEST_CASE("what is read again lives on") {
  PrefixIndex index;
  index.note(std::vector<Boundary>{{1, 2000}, {2, 5000}}, 10, 300, least, 0);
  index.note(std::vector<Boundary>{{1, 2000}, {2, 5000}, {3, 9000}}, 10, 300, least, 200);
  CHECK(held(index, {{1, 2000}, {2, 5000}, {4, 7000}}, 10, 400) == 5000);
}

TEST_CASE("short prompts are cached by nobody") {
  PrefixIndex index;
  index.note(std::vector<Boundary>{{1, 1000}}, 10, 300, least, 0);
  CHECK(index.size() == 0);
}

TEST_CASE("the index is bounded, and agrees with a plain map on what it still holds") {
  constexpr std::size_t most = 512;
  PrefixIndex index(most);
  std::map<std::uint64_t, double> expires;
  Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    const double now = i;
    const auto print = 1 + random.next() % 400;
    if (random.uniform() < 0.5) {
      index.note(std::vector<Boundary>{{print, 2000}}, 10, 60, least, now);
      expires[print] = now + 60;
    } else {
      const bool lives = expires.contains(print) && expires[print] > now;
      CHECK(held(index, {{print, 2000}}, 10, now) == (lives ? 2000 : 0));
    }
  }
  for (std::uint64_t print = 1000; print < 5000; ++print)
    index.note(std::vector<Boundary>{{print, 2000}}, 10, 60, least, 30'000);
  CHECK(index.size() == most);
  CHECK(held(index, {{4999, 2000}}, 10, 30'001) == 2000);
}

TEST_CASE("a conversation of thousands of turns costs no more to look at than its newest part") {
  PrefixIndex index;
  std::vector<Boundary> prompt;
  for (std::uint64_t i = 1; i <= 5000; ++i) prompt.push_back({i, 2000.0 * static_cast<double>(i)});
  index.note(std::span(prompt).first(4990), 10, 300, least, 0);
  CHECK(held(index, prompt, 10, 1) == 2000.0 * 4990);
}
