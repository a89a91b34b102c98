// The parameters of a request's address, percent-decoded, in their order: one named alone has an
// empty value. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace tpool::admin {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// `query` is what follows the question mark. invalid for a value that is not encoded rightly.
Result<Parameters> read_query(std::string_view query);

}  // namespace tpool::admin
