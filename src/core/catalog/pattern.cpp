#include "core/catalog/pattern.hpp"

#include <re2/re2.h>

#include "core/catalog/pool.hpp"

namespace tpool::catalog {
namespace {

constexpr std::size_t longest_pattern = 1024;
constexpr std::int64_t expression_memory = 1 << 20;

bool is_expression(std::string_view text) {
  return text.size() > 2 && text.front() == '/' && text.back() == '/';
}

}  // namespace

// Linear in practice: on a mismatch only the last star is tried again.
bool glob_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.empty())
    return invalid("a pattern is empty", "use * to match every name, or remove the pattern");
  if (text.size() > longest_pattern)
    return invalid("a pattern is longer than 1024 characters", "split it into several patterns");
  Pattern pattern{std::string(text)};
  if (!is_expression(text)) return pattern;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(expression_memory);
  const auto inner = text.substr(1, text.size() - 2);
  auto expression =
      std::make_shared<const re2::RE2>(re2::StringPiece(inner.data(), inner.size()), options);
  if (!expression->ok())
    return invalid(
        "pattern " + pattern.text_ + " is not a regular expression: " + expression->error(),
        "write a glob such as *-preview, or an RE2 expression between slashes");
  pattern.expression_ = std::move(expression);
  return pattern;
}

bool Pattern::matches(std::string_view name) const {
  if (!expression_) return glob_matches(text_, name);
  return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *expression_);
}

Result<bool> matches(std::string_view pattern, std::string_view name) {
  auto compiled = Pattern::compile(pattern);
  if (!compiled) return compiled.error();
  return compiled->matches(name);
}

}  // namespace tpool::catalog
