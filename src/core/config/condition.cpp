#include "core/config/condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/config/words.hpp"

namespace tpool::config {

constexpr std::size_t longest_condition = 1024;
constexpr int deepest_condition = 24;

// Recursive descent; deeper than 24 levels is refused, so the stack holds.
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : text_(text) { made_.text_ = text; }

  Result<Condition> parse() {
    if (text_.size() > longest_condition)
      return invalid("the condition is longer than 1024 characters", "split it into two rules");
    advance();
    if (token_.kind == Kind::end) return fault("it is empty");
    if (auto read = expression(0); !read) return read.error();
    if (token_.kind != Kind::end)
      return fault(token_.kind == Kind::close ? "there is no ( for this )"
                                              : "expected and, or, or the end");
    return std::move(made_);
  }

 private:
  enum class Kind { end, word, number, quoted, op, open, close, wrong };
  struct Token {
    Kind kind = Kind::end;
    std::string_view text = {};
    std::size_t at = 0;
  };
  struct Known {
    std::string_view name;
    Condition::Fact fact;
    enum class Type { number, flag, word } type;
    words::Set words = {};
  };

  static const Known* known(std::string_view name) {
    using Fact = Condition::Fact;
    using Type = Known::Type;
    static const std::array all{
        Known{"prompt_tokens", Fact::prompt_tokens, Type::number},
        Known{"hour", Fact::hour, Type::number},
        Known{"stream", Fact::stream, Type::flag},
        Known{"tools", Fact::tools, Type::flag},
        Known{"images", Fact::images, Type::flag},
        Known{"class", Fact::request_class, Type::word, words::classes},
        Known{"protocol", Fact::protocol, Type::word, words::client_protocols},
    };
    const auto* found =
        std::find_if(all.begin(), all.end(), [&](const Known& one) { return one.name == name; });
    return found == all.end() ? nullptr : found;
  }

  static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  void advance() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    const auto begin = at_;
    const auto take = [&](Kind kind, std::size_t size) {
      at_ = begin + size;
      token_ = {kind, text_.substr(begin, size), begin};
    };
    if (at_ == text_.size()) return take(Kind::end, 0);
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '(') return take(Kind::open, 1);
    if (c == ')') return take(Kind::close, 1);
    if (c == '!' || c == '<' || c == '>' || c == '=') {
      if (next == '=') return take(Kind::op, 2);
      return take(c == '!' ? Kind::wrong : Kind::op, 1);
    }
    if (c == '"') {
      const auto end = text_.find('"', begin + 1);
      if (end == std::string_view::npos) return take(Kind::wrong, text_.size() - begin);
      take(Kind::quoted, end + 1 - begin);
      token_.text = token_.text.substr(1, token_.text.size() - 2);
      return;
    }
    auto end = begin;
    if (is_digit(c) || (c == '-' && is_digit(next))) {
      for (++end; end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]));) ++end;
      return take(Kind::number, end - begin);
    }
    if (!is_letter(c)) return take(Kind::wrong, 1);
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) ||
                                  text_[end] == '-' || text_[end] == '.'))
      ++end;
    take(Kind::word, end - begin);
  }

  Error fault(std::string message) const { return fault(token_, std::move(message)); }

  Error fault(const Token& token, std::string message) const {
    auto at = token.at;
    // Counted in characters, so that the caret stands under the place on a terminal too.
    std::string shown;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text_[i]);
      const bool inner = (byte & 0xC0) == 0x80;
      if (i < at && !inner) ++column;
      shown += byte < 0x20 || byte == 0x7F ? ' ' : text_[i];
    }
    return invalid("when, column " + std::to_string(column + 1) + ": " + message + "\n    " +
                       shown + "\n    " + std::string(column, ' ') + "^",
                   "a condition reads like: prompt_tokens > 100000 and not stream");
  }

  bool at_word(std::string_view word) const {
    return token_.kind == Kind::word && token_.text == word;
  }

  void push(Condition::Kind kind) { made_.nodes_.push_back({kind}); }

  Result<> expression(int depth) {
    if (depth > deepest_condition) return fault("it is nested more than 24 deep");
    if (auto read = all(depth); !read) return read;
    while (at_word("or")) {
      advance();
      if (auto read = all(depth); !read) return read;
      push(Condition::Kind::either);
    }
    return {};
  }

  Result<> all(int depth) {
    if (auto read = one(depth); !read) return read;
    while (at_word("and")) {
      advance();
      if (auto read = one(depth); !read) return read;
      push(Condition::Kind::both);
    }
    return {};
  }

  Result<> one(int depth) {
    if (depth > deepest_condition) return fault("it is nested more than 24 deep");
    if (at_word("not")) {
      advance();
      if (auto read = one(depth + 1); !read) return read;
      push(Condition::Kind::negate);
      return {};
    }
    if (token_.kind == Kind::open) {
      const auto opened = token_;
      advance();
      if (auto read = expression(depth + 1); !read) return read;
      if (token_.kind == Kind::end) return fault(opened, "this ( is never closed");
      if (token_.kind != Kind::close) return fault("expected and, or, or )");
      advance();
      return {};
    }
    return comparison();
  }

  Result<> comparison() {
    constexpr std::string_view facts =
        "prompt_tokens, hour, stream, tools, images, class or protocol";
    if (token_.kind != Kind::word) return fault("expected " + std::string(facts));
    const auto named = token_;
    const auto* fact = known(named.text);
    if (!fact)
      return fault("a request has no " + std::string(named.text) + "; it has " +
                   std::string(facts));
    advance();
    Condition::Node node;
    node.fact = fact->fact;
    if (token_.kind != Kind::op) {
      if (fact->type != Known::Type::flag)
        return fault("expected a comparison of " + std::string(fact->name) + ", such as = or !=");
      node.number = 1;
      made_.nodes_.push_back(node);
      return {};
    }
    if (token_.text == "==") return fault("equality is one =");
    node.op = operator_of(token_.text);
    if (fact->type != Known::Type::number && token_.text != "=" && token_.text != "!=")
      return fault(std::string(fact->name) + " is compared with = or != only");
    advance();
    if (auto read = value(*fact, node); !read) return read;
    advance();
    made_.nodes_.push_back(node);
    return {};
  }

  static Condition::Operator operator_of(std::string_view text) {
    using Operator = Condition::Operator;
    if (text == "<") return Operator::less;
    if (text == "<=") return Operator::at_most;
    if (text == ">") return Operator::more;
    if (text == ">=") return Operator::at_least;
    return text == "=" ? Operator::equal : Operator::unequal;
  }

  Result<> value(const Known& fact, Condition::Node& node) const {
    const bool says_word = token_.kind == Kind::word || token_.kind == Kind::quoted;
    switch (fact.type) {
      case Known::Type::flag:
        if (token_.kind != Kind::word || (token_.text != "true" && token_.text != "false"))
          return fault(std::string(fact.name) + " is true or false");
        node.number = token_.text == "true";
        return {};
      case Known::Type::word: {
        const auto found = std::find(fact.words.begin(), fact.words.end(), token_.text);
        if (!says_word || found == fact.words.end())
          return fault(std::string(fact.name) + " is " + words::list(fact.words));
        node.word = *found;
        return {};
      }
      case Known::Type::number: break;
    }
    std::string digits(token_.text);
    std::erase(digits, '_');
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, problem] = std::from_chars(digits.data(), end, node.number);
    if (token_.kind != Kind::number || problem != std::errc() || stopped != end || node.number < 0)
      return fault(std::string(fact.name) + " is a whole number, such as " +
                   (fact.fact == Condition::Fact::hour ? "18" : "100_000"));
    if (fact.fact == Condition::Fact::hour && node.number > 23) return fault("an hour is 0 to 23");
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  Condition made_;
};

Result<Condition> Condition::parse(std::string_view text) { return ConditionParser(text).parse(); }

bool Condition::compare(const Node& node, const Asked& asked) {
  std::int64_t number = 0;
  switch (node.fact) {
    case Fact::prompt_tokens: number = asked.prompt_tokens; break;
    case Fact::hour: number = asked.hour; break;
    case Fact::stream: number = asked.stream; break;
    case Fact::tools: number = asked.tools; break;
    case Fact::images: number = asked.images; break;
    case Fact::request_class:
      return (asked.request_class == node.word) == (node.op == Operator::equal);
    case Fact::protocol: return (asked.protocol == node.word) == (node.op == Operator::equal);
  }
  switch (node.op) {
    case Operator::less: return number < node.number;
    case Operator::at_most: return number <= node.number;
    case Operator::more: return number > node.number;
    case Operator::at_least: return number >= node.number;
    case Operator::equal: return number == node.number;
    case Operator::unequal: return number != node.number;
  }
  return false;
}

// At most two values wait per level of nesting, so 64 bits hold the whole stack.
bool Condition::holds(const Asked& asked) const {
  std::uint64_t stack = 0;
  for (const auto& node : nodes_) {
    const bool top = stack & 1;
    switch (node.kind) {
      case Kind::compare: stack = stack << 1 | std::uint64_t{compare(node, asked)}; break;
      case Kind::negate: stack ^= 1; break;
      case Kind::both: stack = (stack >> 1) & (top ? ~std::uint64_t{0} : ~std::uint64_t{1}); break;
      case Kind::either: stack = (stack >> 1) | std::uint64_t{top}; break;
    }
  }
  return stack & 1;
}

}  // namespace tpool::config
