#include "core/protocol/effort.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::protocol;

TEST_CASE("an effort is said in the words the model knows") {
  Target target{"p", "m"};
  CHECK(fitting_effort("high", target) == "high");
  CHECK(fitting_effort("none", target) == "");
  CHECK(fitting_effort("odd", target) == "odd");

  target.efforts = {"low", "medium", "high"};
  CHECK(fitting_effort("medium", target) == "medium");
  CHECK(fitting_effort("max", target) == "high");
  CHECK(fitting_effort("minimal", target) == "low");
  CHECK(fitting_effort("odd", target) == "odd");
  target.efforts = {"high", "minimal"};
  CHECK(fitting_effort("low", target) == "minimal");
  CHECK(fitting_effort("xhigh", target) == "high");
  target.efforts = {"none"};
  CHECK(fitting_effort("low", target) == "low");
  CHECK(fitting_effort("none", target) == "none");

  target.dialect.effort_map = {{"low", "minimal"}, {"none", "disabled"}};
  CHECK(fitting_effort("low", target) == "minimal");
  CHECK(fitting_effort("none", target) == "disabled");
}
