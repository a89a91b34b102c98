// The handlers of `tpool rule`, and what its files share.
#pragma once

#include "cli/context.hpp"
#include "core/config/edit_rule.hpp"
#include "core/error.hpp"

namespace tpool::cli {

Result<> rule_list(Context& context);
Result<> rule_add(Context& context);
Result<> rule_edit(Context& context);
Result<> rule_move(Context& context);
Result<> rule_remove(Context& context);
Result<> rule_preview(Context& context);
Result<> rule_orphans(Context& context);

}  // namespace tpool::cli
