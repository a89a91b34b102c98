#include "core/protocol/dialect.hpp"

#include <doctest/doctest.h>

using namespace tpool::protocol;

TEST_CASE("each quirk is set from its spelling in the store") {
  Dialect dialect;
  CHECK(set_quirk(dialect, "reasoning_field", "reasoning").has_value());
  CHECK(set_quirk(dialect, "replay_reasoning", "always").has_value());
  CHECK(set_quirk(dialect, "developer_role", "true").has_value());
  CHECK(set_quirk(dialect, "max_tokens_field", "max_completion_tokens").has_value());
  CHECK(set_quirk(dialect, "json_schema", "json_object").has_value());
  CHECK(set_quirk(dialect, "strict_tools", "false").has_value());
  CHECK(set_quirk(dialect, "effort", "enable_thinking").has_value());
  CHECK(set_quirk(dialect, "effort_map", "minimal=low, xhigh=high,none=").has_value());
  CHECK(set_quirk(dialect, "tool_name_length", "128").has_value());
  CHECK(set_quirk(dialect, "tool_id_length", "9").has_value());
  CHECK(dialect.reasoning_field == "reasoning");
  CHECK(dialect.replay_reasoning == "always");
  CHECK(dialect.developer_role);
  CHECK(dialect.json_schema == "json_object");
  CHECK_FALSE(dialect.strict_tools);
  CHECK(dialect.effort_map.at("xhigh") == "high");
  CHECK(dialect.effort_map.at("none").empty());
  CHECK(dialect.tool_name_length == 128);
  CHECK(dialect.tool_id_length == 9);
  CHECK(set_quirk(dialect, "tool_id_max", "64").has_value());
  CHECK(dialect.tool_id_max == 64);
  CHECK(set_quirk(dialect, "empty_required", "false").has_value());
  CHECK_FALSE(dialect.empty_required);
  CHECK(set_quirk(dialect, "system_placement", "leading").has_value());
  CHECK(dialect.system_placement == "leading");
  CHECK(set_quirk(dialect, "schemas", "json_schema").has_value());
  CHECK(dialect.schemas == "json_schema");
  CHECK(set_quirk(dialect, "signature_placeholder", "skip_it").has_value());
  CHECK(dialect.signature_placeholder == "skip_it");
}

TEST_CASE("a quirk that is unknown or has a wrong value changes nothing and says what is right") {
  Dialect dialect;
  const Dialect before = dialect;
  const auto unknown = set_quirk(dialect, "reasonin_field", "x");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().hint.find("reasoning_field") != std::string::npos);
  const auto choice = set_quirk(dialect, "json_schema", "yes");
  REQUIRE_FALSE(choice.has_value());
  CHECK(choice.error().hint == "use one of native, json_object, tool, none");
  CHECK_FALSE(set_quirk(dialect, "images", "1").has_value());
  CHECK_FALSE(set_quirk(dialect, "tool_name_length", "4").has_value());
  CHECK_FALSE(set_quirk(dialect, "tool_id_length", "9x").has_value());
  CHECK_FALSE(set_quirk(dialect, "effort_map", "low").has_value());
  CHECK_FALSE(set_quirk(dialect, "reasoning_field", "a\"b").has_value());
  CHECK(dialect == before);
}
