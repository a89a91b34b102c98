#include "proxy/admin/budgets.hpp"

#include "proxy/observe/record.hpp"

namespace tpool::admin {

void write_budgets(json::Writer& out, const route::Budgets& budgets) {
  const auto resets = observe::rfc3339(budgets.day().ends);
  out.begin_array();
  for (const auto& row : budgets.rows()) {
    out.begin_object().member("scope", row.budget.scope).member("name", row.budget.name);
    out.member("usd_per_day", row.budget.usd_per_day).member("spent_usd", row.spent.usd);
    out.member("is_spent", row.is_spent()).member("on_exceed", row.budget.on_exceed);
    out.member("unpriced", row.spent.unpriced).member("resets_at", resets).end_object();
  }
  out.end_array();
}

}  // namespace tpool::admin
