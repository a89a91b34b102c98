// The first place of a short text in a long one, looked for in blocks.
//
// For member names in bodies and streams that are otherwise passed on unread: with AVX2 two letters
// of the name are compared at 32 places at a time, so that the common quote at its beginning costs
// nothing. Without AVX2 it is the C library's memmem. npos when there is none. Any thread.
#pragma once

#include <string_view>

namespace tpool::json {

std::size_t find(std::string_view text, std::string_view name, std::size_t from = 0);

}  // namespace tpool::json
