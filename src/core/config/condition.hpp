// The `when` of a rule: a question about one request, parsed once and asked often.
//
//   expression  =  all { "or" all }          all   =  one { "and" one }
//   one         =  "not" one | "(" expression ")" | fact [ operator value ]
//   operator    =  "<" | "<=" | ">" | ">=" | "=" | "!="
//
// Facts: prompt_tokens and hour are whole numbers; stream, tools and images are true or false and
// may stand alone; class and protocol are words out of a closed set. Nothing else parses: an error
// names the column, quotes the text and puts a caret under the mistake. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::config {

// What a condition may ask about a request.
struct Asked {
  std::int64_t prompt_tokens = 0;
  std::int64_t hour = 0;  // 0..23
  bool stream = false;
  bool tools = false;
  bool images = false;
  std::string_view request_class = {};
  std::string_view protocol = {};
};

class Condition {
 public:
  static Result<Condition> parse(std::string_view text);

  bool holds(const Asked& asked) const;
  const std::string& text() const { return text_; }

 private:
  friend class ConditionParser;

  enum class Fact : std::uint8_t {
    prompt_tokens,
    hour,
    stream,
    tools,
    images,
    request_class,
    protocol
  };
  enum class Operator : std::uint8_t { less, at_most, more, at_least, equal, unequal };
  enum class Kind : std::uint8_t { compare, negate, both, either };

  // The nodes stand in the order in which a stack machine works them off.
  struct Node {
    Kind kind = Kind::compare;
    Fact fact = Fact::prompt_tokens;
    Operator op = Operator::equal;
    std::int64_t number = 0;     // flags are 0 and 1
    std::string_view word = {};  // of a closed set, so it lives for ever
  };

  static bool compare(const Node& node, const Asked& asked);

  std::string text_;
  std::vector<Node> nodes_;
};

}  // namespace tpool::config
