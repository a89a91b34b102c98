// Opaque data labelled with who made it, for clients that carry it but cannot say from where.
//
// A label is "tp1." provider "." model "." data (the first two base64url), so that in a later turn
// it is replayed to its maker and dropped for anybody else. Data without a label is returned with
// no origin: it came from before tpool and is passed on as it is. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/ir/request.hpp"

namespace tpool::protocol {

std::string seal(const ir::Opaque& opaque);
ir::Opaque unseal(std::string_view text, std::string_view kind);

// The label alone, for relays that put it before a value in place.
std::string seal_prefix(std::string_view provider, std::string_view model);

}  // namespace tpool::protocol
