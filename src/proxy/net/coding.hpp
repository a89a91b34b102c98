// Content codings of request bodies, undone within a limit: gzip and zstd. Any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "proxy/net/buffer.hpp"
#include "proxy/net/head.hpp"

namespace tpool::net {

struct Refusal;

// Replaces `body` by what it meant. 415 for a coding we do not know, 400 for one that is broken,
// 413 when it grows past `limit`: bombs stop there.
std::optional<Refusal> undo_coding(const Head& head, Buffer& body, std::size_t limit);

}  // namespace tpool::net
