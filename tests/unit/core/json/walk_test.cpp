#include "core/json/walk.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using json::Token;

namespace {

// Writes down what it is told.
class Scribe {
 public:
  explicit Scribe(std::string_view text) : text_(text) {}
  void key(const Token& token, std::size_t depth) { note('k', token, depth); }
  void string(const Token& token, std::size_t depth) { note('s', token, depth); }
  void other(const Token& token, std::size_t depth) { note('o', token, depth); }
  void open(std::size_t begin, bool object, std::size_t depth) {
    told +=
        std::string(object ? "{" : "[") + std::to_string(depth) + "@" + std::to_string(begin) + " ";
  }
  void close(std::size_t end, bool object, std::size_t depth) {
    told +=
        std::string(object ? "}" : "]") + std::to_string(depth) + "@" + std::to_string(end) + " ";
  }
  std::string told;

 private:
  void note(char what, const Token& token, std::size_t depth) {
    told += what + std::to_string(depth) + (token.escaped ? "!" : ":") +
            std::string(text_.substr(token.begin, token.end - token.begin)) + " ";
  }
  std::string_view text_;
};

}  // namespace

TEST_CASE("a handler is told every token once, in order, with its depth and place") {
  const std::string text = R"( {"a":[1,"\n"],"b":{}} )";
  Scribe scribe(text);
  CHECK_FALSE(json::walk(text, scribe));
  CHECK(scribe.told == R"({0@1 k1:"a" [1@6 o2:1 s2!"\n" ]1@14 k1:"b" {1@19 }1@21 }0@22 )");
}

TEST_CASE("a container is closed as the kind it was opened, on all 512 levels") {
  std::string open;
  std::string close;
  for (int i = 0; i < 512; ++i) {
    const bool object = i % 3 == 0 && i < 511;
    open += object ? "{\"k\":" : "[";
    close.insert(0, object ? "}" : "]");
  }
  const std::string whole = open + close;
  Scribe scribe(whole);
  CHECK_FALSE(json::walk(whole, scribe));
  for (std::size_t i = 0; i < close.size(); ++i) {
    std::string wrong = whole;
    char& bracket = wrong[open.size() + i];
    bracket = bracket == '}' ? ']' : '}';
    Scribe other(wrong);
    const auto fault = json::walk(wrong, other);
    REQUIRE(fault.has_value());
    CHECK(fault->offset == open.size() + i);
  }
}

TEST_CASE("a quoted string stands for its text") {
  CHECK(json::unquoted(R"("")") == "");
  CHECK(json::unquoted(R"("plain")") == "plain");
  CHECK(json::unquoted(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(json::unquoted(R"("\u0041\u00e9\u20AC\ud83d\ude00x")") ==
        "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x");
  CHECK(json::unquoted(R"("\u0000")") == std::string(1, '\0'));
}
