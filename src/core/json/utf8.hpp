// UTF-8: finding what is wrong with it, making it right, and fit to be seen. Any thread; linear
// time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tpool::json {

// First byte of the first invalid UTF-8 sequence, or npos. Surrogates and overlongs are invalid.
std::size_t find_invalid_utf8(std::string_view text);

// `text` with every invalid sequence replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

// The same for a terminal or a log: control characters, and marks that turn the direction of what
// follows, become U+FFFD too. Names from elsewhere may hold terminal commands.
std::string printable(std::string_view text);

// The code point at `at`, which then stands past it. `text` is valid UTF-8.
char32_t next_point(std::string_view text, std::size_t& at);

}  // namespace tpool::json
