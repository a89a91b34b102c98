// How spent budgets bear on one plan: whom they keep from running, and what is said of it.
//
// Lives for one plan, over what it is made of. Without a spent budget it asks and says nothing.
#pragma once

#include <string>
#include <vector>

#include "core/route/budget.hpp"
#include "core/route/envelope.hpp"
#include "core/route/plan.hpp"

namespace tpool::route {

class BudgetGate {
 public:
  // `budgets` may be null. Counting tokens costs nothing, and no budget is about it.
  BudgetGate(const Budgets* budgets, const Bearer& bearer, const Envelope& envelope, TimePoint now);

  // The spent budget that lets nothing more of this run; nullptr: there is none.
  const Budgets::Row* blocks(std::string_view provider, std::string_view upstream) const;

  // Which budget, what was spent, when it begins anew, and what changes it.
  std::string reason(const Budgets::Row& row) const;
  // When that is.
  TimePoint ready() const { return ends_; }

  // Of the steps under a spent budget that says `cheapest`, only those stay that cost as little as
  // any step of the plan: by list prices, for this prompt and a usual answer. What has no known
  // price is not the cheapest. One whose breaker is open does not count while another can serve.
  void drop_dearer(Plan& plan) const;

 private:
  struct Over {
    const Budgets::Row* row;
    Reach reach;
  };
  const Budgets::Row* find(std::string_view on_exceed, std::string_view provider,
                           std::string_view upstream) const;

  const Envelope& envelope_;
  std::vector<Over> over_;
  TimePoint ends_{};
};

}  // namespace tpool::route
