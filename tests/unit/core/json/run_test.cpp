#include "core/json/run.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/json/plain.hpp"

using namespace tpool;

namespace {

struct Passed {
  std::size_t bytes = 0;
  bool escaped = false;
};

// What may be passed at most, one byte at a time.
Passed one_by_one(std::string_view text) {
  Passed passed;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = 1;
    if (text[at] == '\\') {
      if (at + 1 == text.size()) break;
      size = 2;
      if (text[at + 1] == 'u') {
        size = 6;
        const auto digits = text.substr(at + 2, 4);
        if (digits.size() < 4 ||
            digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
          break;
        const auto unit = std::stoi(std::string(digits), nullptr, 16);
        if (unit >= 0xd800 && unit <= 0xdfff) break;
      } else if (!json::is_short_escape(text[at + 1])) {
        break;
      }
      passed.escaped = true;
    } else if (!json::is_plain(static_cast<unsigned char>(text[at]))) {
      break;
    }
    at += size;
    passed.bytes = at;
  }
  return passed;
}

// Blocks may end early for want of room, never too late. Where they do, the digits of a \u escape
// may be left to the caller: they stand for themselves.
void check_run(const std::string& text) {
  CAPTURE(text);
  bool escaped = false;
  const auto* const begin = text.data();
  const auto stopped =
      static_cast<std::size_t>(json::skip_run(begin, begin + text.size(), escaped) - begin);
  const auto expected = one_by_one(text);
  REQUIRE(stopped <= expected.bytes);
  const auto part = one_by_one(std::string_view(text).substr(0, stopped));
  REQUIRE(stopped - part.bytes < 6);
  if (stopped != part.bytes) REQUIRE(text.substr(part.bytes, 2) == "\\u");
  REQUIRE((part.escaped || stopped != part.bytes) == escaped);
  if (stopped != 0 && stopped != expected.bytes) REQUIRE(text.size() - stopped < 2 * 64);
}

}  // namespace

TEST_CASE("a run stops at the first byte that needs a decision, wherever that lies in a block") {
  for (const std::string stop : {"\"", "\x01", "\x1f", "\x7f\x80", "é", "\xff", "\\x", "\\ud800",
                                 "\\uDC00", "\\u12g4", "\\u", "\\", "\\\\\\\"\\q", "\\u00e9\""})
    for (std::size_t before = 0; before < 200; ++before)
      for (const std::size_t behind : {0u, 1u, 5u, 70u, 140u})
        check_run(std::string(before, 'a') + stop + std::string(behind, 'b'));
}

TEST_CASE("runs of backslashes of every length and place are read in pairs") {
  for (std::size_t before = 0; before < 70; ++before)
    for (std::size_t count = 1; count < 140; ++count)
      for (const std::string letter : {"n", "\"", "u00e9", "u", "x", "a"})
        check_run(std::string(before, 'a') + std::string(count, '\\') + letter +
                  std::string(100, 'b'));
}

TEST_CASE("a run over random text is that of a reader of single bytes") {
  std::mt19937 random(7);
  const std::vector<std::string> pieces{"a",    "text without anything special ",
                                        "\\n",  "\\\"",
                                        "\\\\", "\\u2014",
                                        "\\/",  "\\t",
                                        " ",    "0123456789abcdef"};
  const std::vector<std::string> stops{"\"", "é", "\\ud83d\\ude00", "\n", "\\q", "\\u00"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const auto size = random() % 40;
    for (std::size_t i = 0; i < size; ++i) text += pieces[random() % pieces.size()];
    if (random() % 2) text += stops[random() % stops.size()];
    for (std::size_t i = random() % 40; i > 0; --i) text += pieces[random() % pieces.size()];
    check_run(text);
  }
}
