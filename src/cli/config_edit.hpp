// `tpool config edit`: the store in the user's editor, checked before it counts.
#pragma once

#include "cli/context.hpp"
#include "core/error.hpp"

namespace tpool::cli {

Result<> config_edit(Context& context);

}  // namespace tpool::cli
