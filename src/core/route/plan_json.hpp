// A Plan as JSON: `route explain --json`, and the `plan` of a Record. Any thread.
#pragma once

#include "core/json/write.hpp"
#include "core/route/plan.hpp"

namespace tpool::route {

void write_plan(json::Writer& out, const Plan& plan);

}  // namespace tpool::route
