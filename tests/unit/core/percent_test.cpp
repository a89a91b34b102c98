#include "core/percent.hpp"

#include <doctest/doctest.h>

using namespace tpool;

TEST_CASE("only unreserved letters stay as they are") {
  CHECK(percent_encoded("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encoded("a/b c?&#%\r\n") == "a%2Fb%20c%3F%26%23%25%0D%0A");
  CHECK(percent_encoded("\xc3\xa9") == "%C3%A9");
  CHECK(percent_encoded("").empty());
}
