// Random JSON documents in odd spellings, the same for the same seed: for property tests.
#pragma once

#include <random>
#include <string>

namespace tpool::test {

class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : dice_(seed) {}

  std::string object(int depth = 0) {
    std::string out = "{" + space();
    const int count = roll(6);
    for (int i = 0; i < count; ++i) {
      if (i) out += space() + "," + space();
      out += name() + space() + ":" + space() + value(depth + 1);
    }
    return out + space() + "}";
  }

  std::string value(int depth = 0) {
    switch (roll(depth > 4 ? 4 : 6)) {
      case 0: return string();
      case 1: return number();
      case 2: return pick({"true", "false", "null"});
      case 3: return string();
      case 4: return object(depth);
      default: {
        std::string out = "[" + space();
        const int count = roll(4);
        for (int i = 0; i < count; ++i) {
          if (i) out += space() + "," + space();
          out += value(depth + 1);
        }
        return out + space() + "]";
      }
    }
  }

  int roll(int sides) { return static_cast<int>(dice_() % static_cast<unsigned>(sides)); }

 private:
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + roll(static_cast<int>(words.size())));
  }
  std::string space() { return pick({"", "", "", " ", "\n  ", "\t", "\r\n"}); }
  std::string name() {
    return pick({"\"model\"", "\"input\"", "\"type\"", "\"a\"", "\"\"", "\"m\\u006fdel\"",
                 "\"\xc3\xa9\"", "\"tools\"", "\"encrypted_content\"", "\"\\\"}\"", "\"stream\""});
  }
  std::string number() {
    return pick({"0", "-0", "-0.0", "1.50", "1E+2", "1e-7", "123456789012345678", "0.1",
                 "18446744073709551615", "4294967296", "2.2250738585072014e-308"});
  }
  std::string string() {
    std::string out = "\"";
    for (int i = roll(40); i > 0; --i)
      out += pick({"a", "b", " ", "plain text of some length", "\\n", "\\\"", "\\\\", "\\u00e9",
                   "\\ud83d\\ude00", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "{", "}", "[", ",", ":",
                   "/", "\\/", "\x7f"});
    return out + "\"";
  }

  std::mt19937 dice_;
};

}  // namespace tpool::test
