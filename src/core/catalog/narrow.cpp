#include "core/catalog/narrow.hpp"

#include <algorithm>

namespace tpool::catalog {

void narrow(Facts& all, const Facts& other) {
  const auto smaller = [](auto& mine, const auto& theirs) {
    if (!mine || !theirs)
      mine.reset();
    else
      mine = std::min(*mine, *theirs);
  };
  const auto agreed = [](auto& mine, const auto& theirs) {
    if (mine != theirs) mine.reset();
  };
  const auto common = [](std::vector<std::string>& mine, const std::vector<std::string>& theirs) {
    std::erase_if(mine, [&](const std::string& item) {
      return std::find(theirs.begin(), theirs.end(), item) == theirs.end();
    });
  };
  smaller(all.context, other.context);
  smaller(all.output, other.output);
  smaller(all.tool_call, other.tool_call);
  smaller(all.reasoning, other.reasoning);
  common(all.input, other.input);
  common(all.efforts, other.efforts);
  if (std::find(all.efforts.begin(), all.efforts.end(), all.default_effort) == all.efforts.end())
    all.default_effort.clear();
  agreed(all.cost.input, other.cost.input);
  agreed(all.cost.output, other.cost.output);
  agreed(all.cost.cache_read, other.cost.cache_read);
  agreed(all.cost.cache_write, other.cost.cache_write);
  if (all.price_date != other.price_date) all.price_date.clear();
}

}  // namespace tpool::catalog
