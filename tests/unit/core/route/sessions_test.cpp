#include "core/route/sessions.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;

namespace {

const TimePoint start{std::chrono::hours(1000)};

Envelope request(std::string session, std::int64_t tokens) {
  Envelope envelope;
  envelope.session = std::move(session);
  envelope.prompt_tokens = tokens;
  envelope.prompt = {{7, static_cast<double>(tokens)}};
  return envelope;
}

}  // namespace

TEST_CASE("a session is known by the prompt it was last served with") {
  Sessions sessions;
  sessions.note(request("", 5), start);
  sessions.note(request(std::string(5000, 'x'), 5), start);
  CHECK(sessions.size() == 0);
  sessions.note(request("s", 1000), start);
  sessions.note(request("s", 2000), start + Milliseconds(5));
  REQUIRE(sessions.find("s"));
  CHECK(sessions.find("s")->tokens == 2000);
  CHECK(sessions.find("s")->boundaries.at(0).tokens == 2000);
  CHECK(sessions.find("s")->served == start + Milliseconds(5));
  CHECK(sessions.find("t") == nullptr);
}

TEST_CASE("of many sessions the latest are remembered") {
  Sessions sessions;
  for (int i = 0; i < 1000; ++i) {
    sessions.note(request(std::to_string(i), 1), start + Milliseconds(i));
    sessions.note(request("always", 1), start + Milliseconds(i));
  }
  CHECK(sessions.size() == 128);
  CHECK(sessions.find("always"));
  CHECK(sessions.find("999"));
  CHECK(sessions.find("873"));
  CHECK_FALSE(sessions.find("872"));
}
