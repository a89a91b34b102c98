// What is spent of each budget, as `GET /api/budgets` and `budget list --json` say it. Any thread.
#pragma once

#include "core/json/write.hpp"
#include "core/route/budget.hpp"

namespace tpool::admin {

// Of the day that `budgets` stands at.
void write_budgets(json::Writer& out, const route::Budgets& budgets);

}  // namespace tpool::admin
