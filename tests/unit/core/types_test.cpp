#include "core/types.hpp"

#include <doctest/doctest.h>

using namespace tpool;

TEST_CASE("a protocol prints as the store spells it, and is read back") {
  for (auto protocol :
       {Protocol::responses, Protocol::chat, Protocol::messages, Protocol::gemini, Protocol::echo})
    CHECK(parse_protocol(to_string(protocol)) == protocol);
  CHECK_FALSE(parse_protocol("Chat"));
  CHECK_FALSE(parse_protocol(""));
}

TEST_CASE("a way to authenticate is spelled like its header") {
  for (auto auth : {Auth::bearer, Auth::x_api_key, Auth::x_goog_api_key, Auth::none})
    CHECK(parse_auth(to_string(auth)) == auth);
  CHECK(to_string(Auth::x_api_key) == "x-api-key");
}
