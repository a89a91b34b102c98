// Steps over TOML text one token at a time: keys, values, comments, line ends.
//
// It finds where things begin and end and decodes keys; it does not judge values. Nesting is
// counted, not recursed, and limited, so hostile depth is an Error here before any parser sees it.
// Errors begin with "LINE:COLUMN: ". Any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::config {

inline constexpr std::size_t max_toml_depth = 64;

class TomlLexer {
 public:
  // Starts at `at`; a byte order mark at the start of the text is stepped over.
  explicit TomlLexer(std::string_view text, std::size_t at = 0);

  std::size_t at() const { return at_; }
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool starts_with(std::string_view token) const { return text_.substr(at_).starts_with(token); }
  void advance(std::size_t count) { at_ = std::min(at_ + count, text_.size()); }

  void skip_blanks();                      // spaces and tabs
  void skip_void();                        // blanks, line ends and comments
  bool skip_newline();                     // one \n or \r\n
  Result<> skip_to_next_line();            // blanks, a comment, then a line end or the text's end
  Result<std::vector<std::string>> key();  // a dotted key, its parts decoded
  // Past one value. `nested`: inside an array or inline table, where a comma ends it too.
  Result<> skip_value(bool nested = false);

  Error error_at(std::size_t offset, std::string_view message) const;

 private:
  Result<> skip_string();
  Result<> skip_brackets();

  std::string_view text_;
  std::size_t at_;
};

}  // namespace tpool::config
