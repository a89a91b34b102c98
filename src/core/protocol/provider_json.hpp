// JSON of a provider, read as far as it can be.
//
// Models emit broken text and some servers pass it on: invalid UTF-8, or half of a surrogate pair
// at the end of a chunk. Such bytes become U+FFFD instead of ending the answer; everything else
// that is not JSON stays an error. Any thread; linear time.
#pragma once

#include <string_view>

#include "core/error.hpp"
#include "core/json/value.hpp"

namespace tpool::protocol {

Result<json::Document> parse_provider_json(std::string_view text);

}  // namespace tpool::protocol
