#include "proxy/admin/explain.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using admin::read_question;

TEST_CASE("a question names a model and the facts of a request") {
  const auto asked = read_question(
      "model=a%2Fm%20x+y&protocol=chat&class=background&prompt_tokens=1200&stream&tools=true&"
      "images=false&session=s1&priority=high&");
  REQUIRE(asked.has_value());
  CHECK(asked->model == "a/m x y");
  CHECK(asked->protocol == Protocol::chat);
  CHECK(asked->request_class == route::Class::background);
  CHECK(asked->prompt_tokens == 1200);
  CHECK(asked->bytes == 4800);
  CHECK(asked->stream);
  CHECK(asked->tools);
  CHECK_FALSE(asked->images);
  CHECK(asked->session == "s1");
  CHECK(asked->priority().turn == route::Turn::high);
}

TEST_CASE("a question that is wrong is refused") {
  for (const auto* query :
       {"", "stream", "model=", "model=a&what=1", "model=a&class=best", "model=a&prompt_tokens=-1",
        "model=a&prompt_tokens=1e3", "model=a&stream=maybe", "model=%2", "model=%zz",
        "model=a&protocol=x", "model=a&priority=urgent"}) {
    CAPTURE(query);
    const auto asked = read_question(query);
    REQUIRE(asked.has_error());
    CHECK(asked.error().code == Code::invalid);
  }
}
