#include "core/protocol/rounds.hpp"

#include <doctest/doctest.h>

using namespace tpool::protocol;

TEST_CASE("an id that is too long gets a stand-in, always the same one") {
  const std::string id = "call_" + std::string(80, 'x');
  CHECK(fitted_id("call_1", 40) == "call_1");
  CHECK(fitted_id(id, 0) == id);
  CHECK(fitted_id(id, 40).size() == 40);
  CHECK(fitted_id(id, 40) == fitted_id(id, 40));
  CHECK(fitted_id(id, 40) != fitted_id(id + "y", 40));
  CHECK(fitted_id(id, 40).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789") == std::string::npos);
}

TEST_CASE("ids of one message are unlike each other within every limit") {
  std::unordered_set<std::string> taken;
  for (int i = 0; i < 50; ++i) {
    for (const std::string& id : {std::string(), std::string("same"), std::string(90, 'z')}) {
      const std::string wire = wire_id(id, taken, 0, 40);
      CHECK(wire.size() <= 40);
      CHECK(taken.insert(wire).second);
    }
  }
  taken.clear();
  CHECK(wire_id("abcDEF789", taken, 9) == "abcDEF789");
  for (int i = 0; i < 50; ++i) {
    const std::string wire = wire_id("call_0001", taken, 9);
    CHECK(wire.size() == 9);
    CHECK(wire.find('_') == std::string::npos);
    CHECK(taken.insert(wire).second);
  }
}
