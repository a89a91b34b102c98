#include "core/json/pick.hpp"

#include "core/json/walk.hpp"

namespace tpool::json {
namespace {

class Picker {
 public:
  Picker(std::string_view text, std::span<const std::string_view> names,
         std::span<std::string_view> values)
      : text_(text), names_(names), values_(values) {}

  void key(const Token& token, std::size_t depth) {
    if (depth != 1) return;
    const auto quoted = text_.substr(token.begin, token.end - token.begin);
    wanted_ = names_.size();
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (token.escaped ? unquoted(quoted) == names_[i]
                        : quoted.substr(1, quoted.size() - 2) == names_[i])
        wanted_ = i;
  }
  void string(const Token& token, std::size_t depth) { scalar(token, depth); }
  void other(const Token& token, std::size_t depth) { scalar(token, depth); }
  void open(std::size_t begin, bool object, std::size_t depth) {
    if (depth == 0) object_ = object;
    if (depth == 1) begin_ = begin;
  }
  void close(std::size_t end, bool, std::size_t depth) {
    if (depth == 1) take(begin_, end);
  }

  bool object() const { return object_; }

 private:
  void scalar(const Token& token, std::size_t depth) {
    if (depth == 1) take(token.begin, token.end);
  }
  void take(std::size_t begin, std::size_t end) {
    if (object_ && wanted_ < names_.size()) values_[wanted_] = text_.substr(begin, end - begin);
  }

  std::string_view text_;
  std::span<const std::string_view> names_;
  std::span<std::string_view> values_;
  std::size_t wanted_ = 0;
  std::size_t begin_ = 0;
  bool object_ = false;
};

}  // namespace

bool pick(std::string_view text, std::span<const std::string_view> names,
          std::span<std::string_view> values) {
  for (auto& value : values) value = {};
  Picker picker(text, names, values);
  return !walk(text, picker) && picker.object();
}

}  // namespace tpool::json
