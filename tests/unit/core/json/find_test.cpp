#include "core/json/find.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace tpool;

TEST_CASE("find: a name is found at every place, and just before the end") {
  const std::string name = "\"encrypted_content\"";
  for (std::size_t before = 0; before < 100; ++before)
    for (const std::size_t after : {0, 1, 31, 64}) {
      const auto text = std::string(before, 'n') + name + std::string(after, 'c');
      CHECK(json::find(text, name) == before);
      CHECK(json::find(text, name, before) == before);
      CHECK(json::find(text, name, before + 1) == std::string::npos);
    }
}

TEST_CASE("find: agrees with the standard library on texts of few letters") {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text(random() % 300, ' ');
    for (auto& c : text) c = "ab\"_"[random() % 4];
    std::string name(1 + random() % 7, ' ');
    for (auto& c : name) c = "ab\"_"[random() % 4];
    for (std::size_t from = 0; from <= text.size() + 1; from += 1 + random() % 50)
      REQUIRE(json::find(text, name, from) == text.find(name, from));
  }
}
