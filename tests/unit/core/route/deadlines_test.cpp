#include "core/route/deadlines.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::route;

TEST_CASE("what bars comes back from its text as it was") {
  const TimePoint until{Milliseconds(1'800'000'000'123)};
  const std::vector<KeptHold> holds = {
      {"a", "one", "vendor/model:free", "", {"cooldown", "rate \"limited\"", until}},
      {"b", "two", "", "", {"quota", "quota exhausted", until, Scope::key}},
      {"", "", "", "team", {"hold", "on hold", TimePoint::max(), Scope::group}}};
  const auto back = read_deadlines(write_deadlines(holds));
  REQUIRE(back.has_value());
  REQUIRE(back->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& was = holds[i];
    const auto& is = (*back)[i];
    CHECK(is.provider == was.provider);
    CHECK(is.key == was.key);
    CHECK(is.model == was.model);
    CHECK(is.group == was.group);
    CHECK(is.hold.state == was.hold.state);
    CHECK(is.hold.reason == was.hold.reason);
    CHECK(is.hold.until == was.hold.until);
    CHECK(is.hold.scope == was.hold.scope);
  }
}

TEST_CASE("a text somebody else wrote does no harm") {
  for (const auto* text : {"", "[]", "{}", "{\"version\":2,\"holds\":[]}", "{\"version\":1}", "x"})
    CHECK(read_deadlines(text).has_error());
  const auto odd = read_deadlines(
      R"({"version":1,"holds":[7,{},{"scope":"model","state":"rude"},)"
      R"({"scope":"model","state":"cooldown","provider":"a","until_ms":9223372036854775807}]})");
  REQUIRE(odd.has_value());
  REQUIRE(odd->size() == 1);
  CHECK((*odd)[0].hold.until < TimePoint::max());
  CHECK((*odd)[0].hold.until > TimePoint(std::chrono::hours(0)));
}
