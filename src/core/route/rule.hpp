// Which routes of an entry a request may take: conditions first, then each place once.
//
// Asked route by route, in their order; the first that holds at a place wins. Lives for one plan.
#pragma once

#include <optional>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/condition.hpp"
#include "core/route/envelope.hpp"

namespace tpool::route {

class RuleFilter {
 public:
  enum class Says { takes, condition, duplicate };

  RuleFilter(const catalog::Entry& entry, const Envelope& envelope);

  Says ask(const catalog::Route& route);

 private:
  config::Asked asked_;
  std::vector<bool> seen_;  // by slot; empty when no place comes twice
};

// not_found that names the rules whose conditions all said no.
Error no_rule_takes(const catalog::Entry& entry);

}  // namespace tpool::route
