// Where the frames of coroutines live: lists of freed frames by size, one set per thread.
//
// Asio keeps frames of up to 1,020 bytes and asks malloc for every larger one; the frames of a
// request are mostly larger. A frame taken last is given out first, so that it is still in the
// processor's cache. At most `most_kept` bytes are kept for later; a frame above `largest` is
// malloc's. Any thread; a frame may end on another thread than it began on.
// Under ASan nothing is kept: a late use of a frame is only seen when it was freed.
#pragma once

#include <cstddef>

namespace tpool::net::frames {

inline constexpr std::size_t largest = 8192;
inline constexpr std::size_t most_kept = std::size_t{1} << 20;

void* take(std::size_t size);
void give_back(void* frame, std::size_t size) noexcept;

}  // namespace tpool::net::frames
