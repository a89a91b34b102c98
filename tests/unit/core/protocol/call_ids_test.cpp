#include "core/protocol/call_ids.hpp"

#include <doctest/doctest.h>

using namespace tpool::protocol;

TEST_CASE("a provider's ids are kept, repeated and missing ones replaced") {
  CallIds ids;
  ids.set_answer_id("chatcmpl-7:x");
  CHECK(ids.take("a") == "a");
  CHECK(ids.take("a") == "a_1");
  CHECK(ids.take("a") == "a_2");
  CHECK(ids.take("") == "call_chatcmpl_7_x_3");
  CHECK(ids.take("") == "call_chatcmpl_7_x_4");
  CallIds other;
  other.set_answer_id("chatcmpl-8");
  CHECK(other.take("") != "call_chatcmpl_7_x_3");
}

TEST_CASE("a generated id steps aside for one that was given") {
  CallIds ids;
  CHECK(ids.take("call__1") == "call__1");
  CHECK(ids.take("") == "call__2");
}
