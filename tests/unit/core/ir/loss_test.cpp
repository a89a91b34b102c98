#include "core/ir/loss.hpp"

#include <doctest/doctest.h>

using namespace tpool::ir;

TEST_CASE("losses of the same field and action are counted, others are listed") {
  std::vector<Loss> losses;
  add_loss(losses, "tools.web_search", Loss::Action::dropped, "tool 3");
  add_loss(losses, "text.verbosity", Loss::Action::dropped);
  add_loss(losses, "tools.web_search", Loss::Action::dropped, "tool 9");
  add_loss(losses, "tools.web_search", Loss::Action::refused);
  REQUIRE(losses.size() == 3);
  CHECK(losses[0] == Loss{"tools.web_search", Loss::Action::dropped, "tool 3", 2});
  CHECK(summary(losses) ==
        "tools.web_search dropped 2; text.verbosity dropped 1; tools.web_search refused 1");
  CHECK(summary({}) == "");
  CHECK(to_string(Loss::Action::approximated) == "approximated");
}

TEST_CASE("a summary is fit for a header, whatever a client called its fields") {
  std::vector<Loss> losses;
  add_loss(losses, "tools.x\r\nset-cookie: a;b\xff", Loss::Action::dropped);
  CHECK(summary(losses) == "tools.x??set-cookie:?a?b? dropped 1");
  for (int i = 0; i < 1000; ++i)
    add_loss(losses, std::to_string(i) + std::string(1000, 'x'), Loss::Action::dropped);
  CHECK(summary(losses).size() < 1300);
  CHECK(summary(losses).find(" more") != std::string::npos);
}
