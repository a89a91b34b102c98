// What bars, as the text that is kept over a restart. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/route/deployments.hpp"

namespace tpool::route {

std::string write_deadlines(const std::vector<KeptHold>& holds);
// corrupt when it is not such a text; entries of a kind it does not know are left out.
Result<std::vector<KeptHold>> read_deadlines(std::string_view text);

}  // namespace tpool::route
