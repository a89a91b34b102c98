#include "core/route/budget_gate.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace tpool::route {
namespace {

// Tokens of an answer, by the rule of thumb of Envelope::estimated_tokens().
constexpr double usual_answer = 500;

std::optional<double> price_for(const Step& step, const Envelope& envelope) {
  const auto& cost = step.facts->cost;
  const bool answers = envelope.operation != Operation::embed;
  if (!cost.input || (answers && !cost.output)) return std::nullopt;
  const auto prompt =
      envelope.prompt_tokens > 0 ? envelope.prompt_tokens : estimated_tokens(envelope.bytes);
  return static_cast<double>(prompt) * *cost.input / 1e6 +
         (answers ? usual_answer * *cost.output / 1e6 : 0.0);
}

}  // namespace

BudgetGate::BudgetGate(const Budgets* budgets, const Bearer& bearer, const Envelope& envelope,
                       TimePoint now)
    : envelope_(envelope) {
  if (!budgets || budgets->none() || !budgets->day().holds(now)) return;
  if (envelope.operation == Operation::count_tokens) return;
  ends_ = budgets->day().ends;
  for (const auto& row : budgets->rows()) {
    if (!row.is_spent()) continue;
    const auto reach = reach_of(row.budget, bearer);
    if (reach.of != Reach::Of::none) over_.push_back({&row, reach});
  }
}

const Budgets::Row* BudgetGate::find(std::string_view on_exceed, std::string_view provider,
                                     std::string_view upstream) const {
  for (const auto& one : over_)
    if (one.row->budget.on_exceed == on_exceed && one.reach.covers(provider, upstream))
      return one.row;
  return nullptr;
}

const Budgets::Row* BudgetGate::blocks(std::string_view provider, std::string_view upstream) const {
  return over_.empty() ? nullptr : find("block", provider, upstream);
}

std::string BudgetGate::reason(const Budgets::Row& row) const {
  return "the budget " + row.name() + " is spent, " + dollars(row.spent.usd) + " of " +
         dollars(row.budget.usd_per_day.value_or(0)) + " today: it begins anew at " +
         local_text(ends_) + ", and tpool budget set " + row.name() +
         " --usd-per-day N gives it more.";
}

void BudgetGate::drop_dearer(Plan& plan) const {
  const bool any = std::ranges::any_of(
      over_, [](const Over& one) { return one.row->budget.on_exceed == "cheapest"; });
  if (!any) return;
  const auto down = [](const Step& step) { return step.broken; };
  const bool all_down = std::ranges::all_of(plan.steps, down);
  auto least = std::numeric_limits<double>::infinity();
  for (const auto& step : plan.steps)
    if (all_down || !down(step))
      least = std::min(least, price_for(step, envelope_).value_or(least));
  std::erase_if(plan.steps, [&](const Step& step) {
    const auto& candidate = step.candidate;
    const auto* row = find("cheapest", candidate.provider->id, candidate.upstream);
    if (!row) return false;
    const auto price = price_for(step, envelope_);
    if (price && *price <= least) return false;
    auto said = reason(*row) + " Until then only the cheapest may run";
    said += price ? "." : ", and the price of this one is not known.";
    plan.rejected.push_back({candidate.provider->id, std::string(candidate.key_id()),
                             candidate.upstream, "budget", std::move(said), ends_});
    return true;
  });
}

}  // namespace tpool::route
