// How the entries of a pool stand in lists: which are hidden, what they are called, which is first.
//
// The last steps of building a pool, in this order; nothing here changes where a name leads. Any
// thread, on a pool nobody else has yet.
#pragma once

#include <string_view>

#include "core/catalog/pool.hpp"
#include "core/error.hpp"

namespace tpool::catalog {

// Behind the display of a model with a window of a million tokens.
inline constexpr std::string_view long_context_mark = " [1m]";

// By the store's patterns; invalid when one of them is none.
Result<> hide(Pool& pool);
// Two lines of a picker must not read the same: the ids say which is which.
void make_displays_unique(Pool& pool);
void put_default_first(Pool& pool);

}  // namespace tpool::catalog
