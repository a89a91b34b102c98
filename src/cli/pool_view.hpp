// Entries of the pool as a table or as JSON; `pool list` and `provider models` share it.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "core/catalog/pool.hpp"

namespace tpool::cli {

void print_entries(Context& context, const catalog::Pool& pool,
                   const std::vector<const catalog::Entry*>& entries);

}  // namespace tpool::cli
