#include "core/protocol/effort.hpp"

#include <algorithm>
#include <array>

namespace tpool::protocol {

namespace {

constexpr std::array<std::string_view, 7> ranks = {"none", "minimal", "low", "medium",
                                                   "high", "xhigh",   "max"};

int rank_of(std::string_view effort) {
  const auto found = std::find(ranks.begin(), ranks.end(), effort);
  return found == ranks.end() ? -1 : static_cast<int>(found - ranks.begin());
}

}  // namespace

bool is_effort(std::string_view word) { return rank_of(word) >= 0; }

bool is_off(std::string_view word) {
  return word == "none" || word == "disabled" || word == "false";
}

std::string fitting_effort(const std::string& effort, const Target& target) {
  if (!target.reasons) return {};
  if (const auto mapped = target.dialect.effort_map.find(effort);
      mapped != target.dialect.effort_map.end()) {
    return mapped->second;
  }
  const auto& known = target.efforts;
  const bool has = std::find(known.begin(), known.end(), effort) != known.end();
  if (effort == "none") return has ? effort : std::string();
  const int wanted = rank_of(effort);
  if (known.empty() || wanted < 0 || has) return effort;
  const std::string* best = nullptr;
  for (const std::string& one : known) {
    const int rank = rank_of(one);
    if (rank <= 0) continue;
    if (best == nullptr) {
      best = &one;
      continue;
    }
    const int now = rank_of(*best);
    const bool lower = rank < wanted;
    const bool best_lower = now < wanted;
    // The highest of the lower ones; with none lower, the lowest.
    if (lower != best_lower ? lower : lower ? rank > now : rank < now) best = &one;
  }
  return best == nullptr ? effort : *best;
}

void count_idle_effort(const ir::Request& request, const Target& target,
                       std::vector<ir::Loss>& losses) {
  if (!target.reasons && !request.effort.empty() && request.effort != "none")
    ir::add_loss(losses, "reasoning.effort", ir::Loss::Action::dropped);
}

bool wants_summary(const ir::Request& request, const Target& target) {
  return target.reasons && !request.reasoning_summary.empty() &&
         request.reasoning_summary != "none";
}

}  // namespace tpool::protocol
