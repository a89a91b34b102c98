#include "proxy/exchange/hint.hpp"

#include <doctest/doctest.h>

using namespace tpool;

namespace {

std::optional<Milliseconds> hint(const std::string& fields, TimePoint now = {}) {
  net::Head head;
  head.raw = "HTTP/1.1 429 Too Many Requests\r\n" + fields + "\r\n";
  REQUIRE(net::parse_answer(head).has_value());
  return exchange::retry_hint(head, now);
}

route::RateReports reports(const std::string& fields, TimePoint now) {
  net::Head head;
  head.raw = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
  REQUIRE(net::parse_answer(head).has_value());
  return exchange::rate_reports(head, now);
}

const TimePoint november(std::chrono::seconds(1'700'000'000));  // 2023-11-14T22:13:20Z

}  // namespace

TEST_CASE("seconds, milliseconds and dates say when to come back") {
  CHECK(hint("Retry-After: 7\r\n") == Milliseconds(7'000));
  CHECK(hint("Retry-After: 0.5\r\n") == Milliseconds(500));
  CHECK(hint("retry-after-ms: 250\r\nRetry-After: 7\r\n") == Milliseconds(250));
  CHECK(hint("Retry-After: Thu, 01 Jan 1970 00:01:00 GMT\r\n") == Milliseconds(60'000));
  CHECK(hint("Retry-After: Thursday, 01-Jan-70 00:01:00 GMT\r\n") == Milliseconds(60'000));
  CHECK(hint("Retry-After: Thu Jan  1 00:01:00 1970\r\n") == Milliseconds(60'000));
}

TEST_CASE("a date in the past means now, and no hint is longer than a month and a few days") {
  const auto later = TimePoint(std::chrono::hours(1));
  CHECK(hint("Retry-After: Thu, 01 Jan 1970 00:01:00 GMT\r\n", later) == Milliseconds(0));
  CHECK(hint("Retry-After: 999999999999\r\n") == Milliseconds(std::chrono::hours(24 * 35)));
  // A week's cap, as plans have them.
  CHECK(hint("Retry-After: 432000\r\n") == Milliseconds(std::chrono::hours(24 * 5)));
  CHECK(hint("Retry-After: -5\r\n") == Milliseconds(0));
}

TEST_CASE("of the rate limit fields only the limit that is used up counts") {
  CHECK(hint("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m30s\r\n") ==
        Milliseconds(90'000));
  CHECK(hint("x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 20ms\r\n") ==
        Milliseconds(20));
  CHECK_FALSE(hint("x-ratelimit-remaining-requests: 3\r\nx-ratelimit-reset-requests: 1s\r\n"));
}

TEST_CASE("a refusal that tells no rest but a reset is one of that limit") {
  CHECK(hint("x-ratelimit-reset-requests: 25s\r\n") == Milliseconds(25'000));
  CHECK(hint("x-ratelimit-limit: 60\r\nx-ratelimit-reset: 1700000033\r\n", november) ==
        Milliseconds(33'000));
  CHECK(hint("x-ratelimit-reset-requests: 25s\r\nx-ratelimit-reset-tokens: 6s\r\n") ==
        Milliseconds(6'000));
  CHECK_FALSE(hint("x-ratelimit-reset-requests: 25s\r\nx-ratelimit-remaining-tokens: 6\r\n"));
  net::Head head;
  head.raw = "HTTP/1.1 500 Oops\r\nx-ratelimit-reset-requests: 25s\r\n\r\n";
  REQUIRE(net::parse_answer(head).has_value());
  CHECK_FALSE(exchange::retry_hint(head).has_value());
}

TEST_CASE("what is no hint is none") {
  CHECK_FALSE(hint(""));
  CHECK_FALSE(hint("Retry-After: soon\r\n"));
  CHECK_FALSE(hint("Retry-After: \r\n"));
}

TEST_CASE("the limits of other families and their moments are read too") {
  const auto now = TimePoint(std::chrono::seconds(1'700'000'000));
  CHECK(hint("anthropic-ratelimit-tokens-remaining: 0\r\n"
             "anthropic-ratelimit-tokens-reset: 2023-11-14T22:14:20Z\r\n",
             now) == Milliseconds(60'000));
  CHECK(hint("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1700000030000\r\n", now) ==
        Milliseconds(30'000));
  CHECK(hint("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1700000030\r\n", now) ==
        Milliseconds(30'000));
  net::Head head;
  head.raw =
      "HTTP/1.1 200 OK\r\nx-ratelimit-limit-tokens: 90000\r\nx-ratelimit-remaining-tokens: 7\r\n"
      "x-ratelimit-reset-tokens: 1m\r\nx-ratelimit-limit-requests: -3\r\n\r\n";
  REQUIRE(net::parse_answer(head).has_value());
  const auto reports = exchange::rate_reports(head, now);
  CHECK(reports.tokens.limit == 90'000);
  CHECK(reports.tokens.remaining == 7);
  CHECK(reports.tokens.reset == Milliseconds(60'000));
  CHECK_FALSE(reports.requests.limit.has_value());
}

TEST_CASE("a date may have fractions and any offset") {
  const auto at = [](const std::string& date) {
    return hint(
        "anthropic-ratelimit-requests-remaining: 0\r\nanthropic-ratelimit-requests-reset: " + date +
            "\r\n",
        november);
  };
  CHECK(at("2023-11-14T22:14:20Z") == Milliseconds(60'000));
  CHECK(at("2023-11-14T22:14:20.500Z") == Milliseconds(60'500));
  CHECK(at("2023-11-15T00:14:20+02:00") == Milliseconds(60'000));
  CHECK(at("2023-11-14T16:44:20.25-05:30") == Milliseconds(60'250));
  CHECK_FALSE(at("2023-11-14T22:14:20+soon"));
  CHECK_FALSE(at("tomorrow"));
}

TEST_CASE("tokens for input and for output have windows of their own") {
  const std::string all =
      "anthropic-ratelimit-input-tokens-limit: 80000\r\n"
      "anthropic-ratelimit-input-tokens-remaining: 30000\r\n"
      "anthropic-ratelimit-input-tokens-reset: 2023-11-14T22:14:20Z\r\n"
      "anthropic-ratelimit-tokens-limit: 96000\r\n"
      "anthropic-ratelimit-tokens-remaining: 46000\r\n"
      "anthropic-ratelimit-tokens-reset: 2023-11-14T22:14:20Z\r\n"
      "anthropic-ratelimit-output-tokens-limit: 16000\r\n"
      "anthropic-ratelimit-output-tokens-reset: 2023-11-14T22:13:50Z\r\n"
      "anthropic-ratelimit-output-tokens-remaining: ";
  const auto some = reports(all + "16000\r\n", november);
  CHECK(some.tokens.limit == 80'000);
  CHECK(some.tokens.remaining == 30'000);
  CHECK(some.tokens.reset == Milliseconds(60'000));
  CHECK_FALSE(some.requests.remaining.has_value());
  const auto none = reports(all + "0\r\n", november);
  CHECK(none.tokens.limit == 16'000);
  CHECK(none.tokens.remaining == 0);
  CHECK(hint(all + "0\r\n", november) == Milliseconds(30'000));
  CHECK_FALSE(hint(all + "16000\r\n", november));
}

TEST_CASE("of windows by the minute, hour and day the one with the least left is told") {
  const auto told = reports(
      "x-ratelimit-limit-requests-day: 14400\r\nx-ratelimit-remaining-requests-day: 0\r\n"
      "x-ratelimit-reset-requests-day: 33011.4\r\nX-RateLimit-Limit-Requests-Minute: 30\r\n"
      "x-ratelimit-remaining-requests-minute: 0\r\nx-ratelimit-reset-requests-minute: 20.5\r\n"
      "x-ratelimit-limit-tokens-minute: 60000\r\nx-ratelimit-remaining-tokens-minute: 900\r\n"
      "x-ratelimit-reset-tokens-minute: 5.5\r\nx-ratelimit-limit-tokens-day: 1000000\r\n"
      "x-ratelimit-limit-other: 1\r\nx-ratelimit-: 1\r\nx-ratelimit-limit: x\r\n"
      "anthropic-ratelimit-limit: 1\r\nanthropic-ratelimit-: 1\r\n",
      november);
  CHECK(told.requests.limit == 14'400);
  CHECK(told.requests.remaining == 0);
  CHECK(told.requests.reset == Milliseconds(33'011'400));
  CHECK(told.tokens.limit == 60'000);
  CHECK(told.tokens.remaining == 900);
  CHECK(told.tokens.reset == Milliseconds(5'500));
}
