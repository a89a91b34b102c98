#include "core/protocol/messages/thinking.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::protocol;
using namespace tpool::protocol::messages;

namespace {

struct Planned {
  ThinkingPlan plan;
  std::string losses;
};

Planned planned(const ir::Request& request, const Target& target, std::int64_t limit = 32'000,
                bool can_start = true) {
  std::vector<ir::Loss> losses;
  Planned out{plan_thinking(request, target, limit, can_start, losses), {}};
  out.losses = ir::summary(losses);
  return out;
}

using Kind = ThinkingPlan::Kind;

}  // namespace

TEST_CASE("an effort is a budget, or adaptive where the model knows efforts") {
  ir::Request request;
  Target target{"p", "m"};
  CHECK(planned(request, target).plan.kind == Kind::unsaid);
  request.effort = "none";
  CHECK(planned(request, target).plan.kind == Kind::unsaid);
  request.effort = "high";
  CHECK(planned(request, target).plan.kind == Kind::enabled);
  CHECK(planned(request, target).plan.budget == 16'384);
  CHECK(effort_of_budget(planned(request, target).plan.budget) == "high");

  target.efforts = {"low", "high"};
  request.effort = "max";
  const auto adaptive = planned(request, target);
  CHECK(adaptive.plan.kind == Kind::adaptive);
  CHECK(adaptive.plan.effort == "high");
  CHECK(adaptive.losses == "reasoning.effort approximated 1");

  target.dialect.effort = "budget";
  CHECK(planned(request, target).plan.kind == Kind::enabled);
  target.dialect.effort = "none";
  CHECK(planned(request, target).losses == "reasoning.effort dropped 1");
  target.dialect.effort = "thinking";
  target.dialect.effort_map = {{"none", "disabled"}};
  request.effort = "none";
  CHECK(planned(request, target).plan.kind == Kind::disabled);
}

TEST_CASE("a budget leaves room for the answer, and is left out where there is none") {
  ir::Request request;
  const Target target{"p", "m"};
  request.effort = "xhigh";
  CHECK(planned(request, target, 8192).plan.budget == 7168);
  request.max_output = 8192;
  CHECK(planned(request, target, 8192).plan.budget == 4096);
  request.max_output = 2000;
  CHECK(planned(request, target, 2000).plan.kind == Kind::unsaid);
  CHECK(planned(request, target, 2000).losses == "reasoning.effort dropped 1");
}

TEST_CASE("thinking gives way to a forced call and to a round that began without it") {
  ir::Request request;
  Target target{"p", "m"};
  request.effort = "high";
  CHECK(planned(request, target, 32'000, false).plan.kind == Kind::unsaid);
  request.tools.push_back({ir::ToolKind::function, "look"});
  request.tool_choice.mode = ir::ToolChoice::Mode::required;
  CHECK(planned(request, target).losses == "reasoning.effort dropped 1");
  target.efforts = {"high"};
  const auto adaptive = planned(request, target);
  CHECK(adaptive.plan.kind == Kind::unsaid);
  CHECK(adaptive.plan.effort == "high");
  request.tool_choice.mode = ir::ToolChoice::Mode::automatic;
  // Adaptive thinking may begin at any time.
  CHECK(planned(request, target, 32'000, false).plan.kind == Kind::adaptive);
}

TEST_CASE("a thought is sealed with its signature and opened again") {
  const auto whole = open_thought(seal_thought({"a \"b\"", "sig", {}}));
  REQUIRE(whole.has_value());
  CHECK(whole->thinking == "a \"b\"");
  CHECK(whole->signature == "sig");
  CHECK(open_thought(seal_thought({{}, {}, "data"}))->redacted == "data");
  for (const char* bad : {"", "gAAAA", "{", "{}", R"({"thinking":"x","signature":""})",
                          R"({"text":"of another protocol"})"})
    CHECK_FALSE(open_thought(bad).has_value());
}
