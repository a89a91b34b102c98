// A compiled name pattern: a glob with * and ?, or RE2 between slashes. The door to RE2.
//
// A glob covers the whole name and its * crosses slashes; a regular expression may match anywhere
// in it. Both are case-sensitive. Compile once, match often. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace re2 {
class RE2;
}

namespace tpool::catalog {

// A glob alone, for patterns of our own.
bool glob_matches(std::string_view pattern, std::string_view name);

class Pattern {
 public:
  // invalid, with RE2's reason, when the expression between slashes does not compile.
  static Result<Pattern> compile(std::string_view text);

  bool matches(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  explicit Pattern(std::string text) : text_(std::move(text)) {}

  std::string text_;
  std::shared_ptr<const re2::RE2> expression_;  // null for a glob
};

}  // namespace tpool::catalog
