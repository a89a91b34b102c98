// UTF-8: finding what is wrong with it, and making it right. Any thread; linear time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tpool::json {

// First byte of the first invalid UTF-8 sequence, or npos. Surrogates and overlongs are invalid.
std::size_t find_invalid_utf8(std::string_view text);

// `text` with every invalid sequence replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace tpool::json
