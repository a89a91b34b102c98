#include "core/route/pacing.hpp"

#include <doctest/doctest.h>

#include <random>
#include <utility>
#include <vector>

using namespace tpool;
using namespace tpool::route;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const TimePoint start{std::chrono::hours(1000)};

}  // namespace

TEST_CASE("a window sums what came lately, and says when it falls") {
  Window<30> window(Milliseconds(10'000));
  window.add(start, 5);
  window.add(start + seconds(25), 7);
  CHECK(window.sum(start + seconds(29), minutes(1)) == 12);
  CHECK(window.sum(start + seconds(61), minutes(1)) == 7);
  CHECK(window.sum(start + seconds(61)) == 12);
  CHECK(window.falls_to(7, start + seconds(29), minutes(1)) == start + seconds(60));
  CHECK(window.falls_to(0, start + seconds(29), minutes(1)) == start + seconds(85));
  CHECK(window.falls_to(12, start + seconds(29), minutes(1)) == start + seconds(29));
  CHECK(window.sum(start - std::chrono::hours(1)) == 0);
  CHECK(window.sum(start + std::chrono::hours(1)) == 0);
}

TEST_CASE("a window never forgets what is still in it, wherever in a bucket it came") {
  std::mt19937 random(7);
  Window<30> window(Milliseconds(10'000));
  std::vector<std::pair<TimePoint, std::int64_t>> all;
  auto now = start;
  for (int i = 0; i < 3000; ++i) {
    now += Milliseconds(random() % 4'000);
    const std::int64_t amount = random() % 100;
    window.add(now, amount);
    all.emplace_back(now, amount);
    for (const Milliseconds span : {Milliseconds(60'000), Milliseconds(300'000)}) {
      std::int64_t exact = 0;
      std::int64_t one_bucket_more = 0;
      for (const auto& [when, how_much] : all) {
        if (when > now - span) exact += how_much;
        if (when > now - span - Milliseconds(10'000)) one_bucket_more += how_much;
      }
      CHECK(window.sum(now, span) >= exact);
      CHECK(window.sum(now, span) <= one_bucket_more);
    }
  }
}

TEST_CASE("requests per minute are paced: a burst of ten seconds' worth, then the rate") {
  Pacer pacer;
  pacer.set_limits({.rpm = 60});
  auto now = start;
  int at_once = 0;
  for (; pacer.ready(0, now) <= now && at_once < 1000; ++at_once) pacer.began(0, now);
  CHECK(at_once == 10);
  int sent = 0;
  for (const auto end = now + minutes(10); now < end; ++sent) {
    const auto ready = pacer.ready(0, now);
    CHECK(ready <= now + seconds(2));
    now = std::max(now, ready);
    pacer.began(0, now);
  }
  CHECK(sent >= 590);
  CHECK(sent <= 601);
  CHECK(pacer.requests(now, minutes(1)) <= 71);
}

TEST_CASE("a request larger than the burst of tokens goes when all of it is there") {
  Pacer pacer;
  pacer.set_limits({.tpm = 60'000});
  CHECK(pacer.ready(68'000, start) <= start);
  pacer.began(68'000, start);
  CHECK(pacer.ready(1'000, start) > start + seconds(50));
  CHECK(pacer.ready(1'000, start) < start + seconds(69));
}

TEST_CASE("usage corrects the estimate, both ways") {
  Pacer pacer;
  pacer.set_limits({.tpm = 60'000});
  pacer.began(30'000, start);
  const auto before = pacer.ready(10'000, start);
  pacer.ended(30'000, 3'000, start);
  CHECK(pacer.ready(7'000, start) <= start);
  CHECK(before > start + seconds(20));
  CHECK(pacer.tokens(start, minutes(1)) == 3'000);
  pacer.began(1'000, start);
  pacer.ended(1'000, 90'000, start);
  CHECK(pacer.ready(1'000, start) > start + seconds(60));
  pacer.began(1'000, start);
  pacer.ended(1'000, std::nullopt, start);
  CHECK(pacer.tokens(start, minutes(1)) == 94'000);
}

TEST_CASE("a budget over five minutes opens when enough of it is old") {
  Pacer pacer;
  pacer.set_limits({.tokens_5m = 100'000});
  pacer.began(60'000, start);
  pacer.began(40'000, start + minutes(2));
  CHECK(pacer.ready(50'000, start + minutes(3)) == start + minutes(5));
  CHECK(pacer.ready(100'000, start + minutes(3)) == start + minutes(7));
  // More than the budget ever holds: alone, then.
  CHECK(pacer.ready(500'000, start + minutes(3)) == start + minutes(7));
  CHECK(pacer.ready(50'000, start + minutes(5)) <= start + minutes(5));
}

TEST_CASE("pacing never waits for ever, whatever was taken and wherever the clock goes") {
  std::mt19937 random(3);
  Pacer pacer;
  pacer.set_limits({.rpm = 1, .tpm = 10, .tokens_5m = 5});
  auto now = start;
  for (int i = 0; i < 2000; ++i) {
    now += seconds(static_cast<int>(random() % 200) - 80);
    pacer.began(static_cast<int>(random() % 1'000'000), now);
    CHECK(pacer.ready(100, now) <= now + minutes(11));
  }
}

TEST_CASE("a change of the limits keeps what was counted, taking them away frees") {
  Pacer pacer;
  pacer.set_limits({.rpm = 1});
  pacer.began(5, start);
  CHECK(pacer.ready(5, start) > start);
  pacer.set_limits({});
  CHECK(pacer.ready(5, start) == start);
  CHECK(pacer.requests(start, minutes(1)) == 1);
}

TEST_CASE("what a provider says is used up comes back evenly until its reset") {
  Learned learned;
  CHECK(learned.ready(1'000, start) == start);
  RateReports reports;
  reports.requests = {60, 0, seconds(60)};
  learned.observe(reports, start);
  CHECK(learned.ready(0, start) == start + seconds(1));
  CHECK(learned.ready(0, start + seconds(60)) == start + seconds(60));
  reports.requests = {60, 5, seconds(60)};
  reports.tokens = {10'000, 4'000, seconds(60)};
  learned.observe(reports, start);
  CHECK(learned.ready(3'000, start) == start);
  CHECK(learned.ready(7'000, start) == start + seconds(30));
  CHECK(learned.ready(70'000, start) == start + seconds(60));
  learned.began(3'000);
  CHECK(learned.ready(3'000, start) > start);
  reports.tokens = {{}, 0, std::chrono::hours(500)};
  learned.observe(reports, start);
  CHECK(learned.ready(1, start) <= start + minutes(10));
}
