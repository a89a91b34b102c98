#include "core/config/condition.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

using namespace tpool;
using config::Asked;
using config::Condition;

namespace {

bool holds(std::string_view text, const Asked& asked) {
  const auto condition = Condition::parse(text);
  REQUIRE_MESSAGE(condition.has_value(), (condition ? "" : condition.error().message));
  return condition->holds(asked);
}

std::string refusal(std::string_view text) {
  const auto condition = Condition::parse(text);
  REQUIRE_MESSAGE(condition.has_error(), text);
  CHECK(condition.error().code == Code::invalid);
  CHECK_FALSE(condition.error().hint.empty());
  return condition.error().message;
}

// Where the caret stands, counted from 1, and whether the message says so too.
std::size_t caret(std::string_view text) {
  const auto message = refusal(text);
  const auto line = message.rfind('\n');
  const auto column = message.size() - line - 1 - 4;
  CHECK(message.find("column " + std::to_string(column) + ":") != std::string::npos);
  CHECK(message.back() == '^');
  return column;
}

Asked asked() {
  Asked made;
  made.prompt_tokens = 5000;
  made.hour = 22;
  made.tools = true;
  made.request_class = "background";
  made.protocol = "responses";
  return made;
}

}  // namespace

TEST_CASE("every operator compares numbers as it should") {
  for (const auto& [text, expected] :
       {std::pair{"prompt_tokens < 5000", false}, std::pair{"prompt_tokens <= 5000", true},
        std::pair{"prompt_tokens > 4_999", true}, std::pair{"prompt_tokens >= 5001", false},
        std::pair{"prompt_tokens = 5000", true}, std::pair{"prompt_tokens != 5000", false},
        std::pair{"hour>=22", true}, std::pair{"hour<6", false}}) {
    CAPTURE(text);
    CHECK(holds(text, asked()) == expected);
  }
}

TEST_CASE("flags stand alone, words come out of their set") {
  CHECK(holds("tools", asked()));
  CHECK_FALSE(holds("stream", asked()));
  CHECK(holds("stream = false", asked()));
  CHECK(holds("images != true", asked()));
  CHECK(holds("class = background", asked()));
  CHECK(holds("class != \"interactive\"", asked()));
  CHECK_FALSE(holds("protocol = chat", asked()));
  CHECK(holds("protocol != chat", asked()));
}

TEST_CASE("not binds before and, and before or, and parentheses before all") {
  const auto at = [](bool a, bool b, bool c) {
    Asked made;
    made.stream = a;
    made.tools = b;
    made.images = c;
    return made;
  };
  for (int bits = 0; bits < 8; ++bits) {
    const bool a = bits & 4;
    const bool b = bits & 2;
    const bool c = bits & 1;
    CAPTURE(bits);
    CHECK(holds("stream or tools and images", at(a, b, c)) == (a || (b && c)));
    CHECK(holds("(stream or tools) and images", at(a, b, c)) == ((a || b) && c));
    CHECK(holds("not stream and tools", at(a, b, c)) == (!a && b));
    CHECK(holds("not (stream and tools) or images", at(a, b, c)) == (!(a && b) || c));
    CHECK(holds("not not stream", at(a, b, c)) == a);
    CHECK(holds("stream and tools and not images or not stream and not tools and images",
                at(a, b, c)) == ((a && b && !c) || (!a && !b && c)));
    CHECK(holds("stream and (tools or (images and (not stream or tools)))", at(a, b, c)) ==
          (a && (b || (c && (!a || b)))));
  }
}

TEST_CASE("a mistake is named with its column and a caret under it") {
  CHECK(caret("") == 1);
  CHECK(caret("   ") == 4);
  CHECK(caret("prompt_token > 5") == 1);
  CHECK(caret("stream and classy = x") == 12);
  CHECK(caret("prompt_tokens") == 14);
  CHECK(caret("prompt_tokens > many") == 17);
  CHECK(caret("prompt_tokens > 10k") == 17);
  CHECK(caret("prompt_tokens > -1") == 17);
  CHECK(caret("prompt_tokens > 99999999999999999999") == 17);
  CHECK(caret("hour = 24") == 8);
  CHECK(caret("class < background") == 7);
  CHECK(caret("class = foreground") == 9);
  CHECK(caret("class = \"background") == 9);
  CHECK(caret("stream = yes") == 10);
  CHECK(caret("stream == true") == 8);
  CHECK(caret("stream and") == 11);
  CHECK(caret("stream tools") == 8);
  CHECK(caret("(stream or tools") == 1);
  CHECK(caret("stream)") == 7);
  CHECK(caret("not") == 4);
  CHECK(caret("!stream") == 1);
  CHECK(caret("stream & tools") == 8);
  // In characters, not in bytes.
  CHECK(caret("class = \"\xC3\xA9\" or x") == 9);
}

TEST_CASE("a condition is bounded in length and depth") {
  CHECK(refusal(std::string(2000, ' ') + "stream").find("1024") != std::string::npos);
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') + "stream" +
           std::string(static_cast<std::size_t>(depth), ')');
  };
  CHECK(Condition::parse(nested(24)).has_value());
  CHECK(refusal(nested(25)).find("24 deep") != std::string::npos);
  std::string nots;
  for (int i = 0; i < 200; ++i) nots += "not ";
  CHECK(refusal(nots + "stream").find("24 deep") != std::string::npos);
}

TEST_CASE("the deepest condition that parses is also worked out rightly") {
  // Two values wait on each level: the most the machine ever holds.
  std::string text;
  for (int i = 0; i < 24; ++i) text += "images or tools and (";
  text += "images = false";
  for (int i = 0; i < 24; ++i) text += ")";
  Asked question;
  question.tools = true;
  CHECK(holds(text, question));
  question.tools = false;
  CHECK_FALSE(holds(text, question));
}

TEST_CASE("whatever is written parses to something that can be asked, or is refused in place") {
  constexpr std::array<std::string_view, 20> pieces{"stream",   "tools",
                                                    "images",   "class",
                                                    "protocol", "prompt_tokens",
                                                    "hour",     "and",
                                                    "or",       "not",
                                                    "(",        ")",
                                                    "=",        "!=",
                                                    ">",        "<=",
                                                    "7",        "true",
                                                    "chat",     "\"background\""};
  std::minstd_rand random(7);
  std::size_t parsed = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string text;
    for (auto words = random() % 8 + 1; words > 0; --words) {
      text += pieces[random() % pieces.size()];
      text += ' ';
    }
    const auto condition = Condition::parse(text);
    if (condition) {
      ++parsed;
      // What it says twice with a not before one of them, it never says of one request.
      const auto denied = Condition::parse("not (" + text + ")");
      REQUIRE(denied.has_value());
      CHECK(condition->holds(asked()) != denied->holds(asked()));
    } else {
      CHECK(condition.error().message.ends_with("^"));
    }
  }
  CHECK(parsed > 500);
}
