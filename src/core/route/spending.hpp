// A day's spending, as the text that is kept over a restart. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/route/budget.hpp"

namespace tpool::route {

std::string write_spending(const KeptSpending& kept);
// corrupt when it is not such a text; rows that say nothing sensible are left out.
Result<KeptSpending> read_spending(std::string_view text);

}  // namespace tpool::route
