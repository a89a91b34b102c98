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

}  // namespace

TEST_CASE("seconds, milliseconds and dates say when to come back") {
  CHECK(hint("Retry-After: 7\r\n") == Milliseconds(7'000));
  CHECK(hint("Retry-After: 0.5\r\n") == Milliseconds(500));
  CHECK(hint("retry-after-ms: 250\r\nRetry-After: 7\r\n") == Milliseconds(250));
  CHECK(hint("Retry-After: Thu, 01 Jan 1970 00:01:00 GMT\r\n") == Milliseconds(60'000));
}

TEST_CASE("a date in the past means now, and no hint is longer than a day") {
  const auto later = TimePoint(std::chrono::hours(1));
  CHECK(hint("Retry-After: Thu, 01 Jan 1970 00:01:00 GMT\r\n", later) == Milliseconds(0));
  CHECK(hint("Retry-After: 999999999999\r\n") == Milliseconds(std::chrono::hours(24)));
  CHECK(hint("Retry-After: -5\r\n") == Milliseconds(0));
}

TEST_CASE("of the rate limit fields only the limit that is used up counts") {
  CHECK(hint("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m30s\r\n") ==
        Milliseconds(90'000));
  CHECK(hint("x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 20ms\r\n") ==
        Milliseconds(20));
  CHECK_FALSE(hint("x-ratelimit-remaining-requests: 3\r\nx-ratelimit-reset-requests: 1s\r\n"));
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
