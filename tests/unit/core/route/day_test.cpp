#include "core/route/day.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>

using namespace tpool;
using namespace tpool::route;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

// The time zone of a test, and the one before it again.
class Zone {
 public:
  explicit Zone(const char* rules) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", rules, 1);
    ::tzset();
  }
  ~Zone() {
    if (before_.empty())
      ::unsetenv("TZ");
    else
      ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }

 private:
  std::string before_;
};

TimePoint utc(int year, int month, int day, int hour, int minute = 0, int second = 0) {
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

constexpr auto berlin = "CET-1CEST,M3.5.0,M10.5.0/3";

}  // namespace

TEST_CASE("a day is the one on the user's calendar") {
  const Zone zone(berlin);
  const auto day = local_day(utc(2026, 11, 21, 22, 59, 59) + Milliseconds(999));
  CHECK(day == Day{utc(2026, 11, 20, 23), utc(2026, 11, 21, 23)});
  CHECK(local_day(utc(2026, 11, 21, 23)) == Day{utc(2026, 11, 21, 23), utc(2026, 11, 22, 23)});
  CHECK(day.holds(day.begins));
  CHECK_FALSE(day.holds(day.ends));
  CHECK(local_text(day.ends) == "2026-11-22 00:00 CET");
}

TEST_CASE("where the clocks change a day has 23 or 25 hours") {
  const Zone zone(berlin);
  const auto spring = local_day(utc(2026, 3, 29, 12));
  CHECK(spring.ends - spring.begins == hours(23));
  CHECK(spring.begins == utc(2026, 3, 28, 23));
  const auto autumn = local_day(utc(2026, 10, 25, 0, 30));
  CHECK(autumn.ends - autumn.begins == hours(25));
  CHECK(autumn.ends == utc(2026, 10, 25, 23));
  // Each second of the year lies in its day, and the next day begins where this one ends.
  for (auto at = utc(2026, 1, 1, 0); at < utc(2027, 1, 1, 0);) {
    const auto day = local_day(at);
    REQUIRE(day.holds(at));
    REQUIRE(local_day(day.ends - seconds(1)) == day);
    REQUIRE(local_day(day.ends).begins == day.ends);
    at = day.ends;
  }
}

TEST_CASE("a day may begin without a midnight") {
  // The clocks go from 24:00 to 01:00 on the first Sunday of September, and back at 24:00 in April.
  const Zone zone("CLT4CLST,M9.1.0/0,M4.1.0/0");
  const auto spring = local_day(utc(2026, 9, 6, 12));
  CHECK(spring == Day{utc(2026, 9, 6, 4), utc(2026, 9, 7, 3)});
  CHECK(local_text(spring.begins).starts_with("2026-09-06 01:00"));
  const auto autumn = local_day(utc(2026, 4, 4, 12));
  CHECK(autumn == Day{utc(2026, 4, 4, 3), utc(2026, 4, 5, 4)});
}
