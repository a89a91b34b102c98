// The verbs of `tpool pool`: pool_wiring.cpp switches it, pool_status.cpp tells about it.
#pragma once

#include "cli/context.hpp"
#include "core/error.hpp"

namespace tpool::cli {

Result<> pool_enable(Context& context);
Result<> pool_disable(Context& context);
Result<> pool_sync(Context& context);
Result<> pool_status(Context& context);
Result<> pool_list(Context& context);

}  // namespace tpool::cli
