// As the store says: the order given is the order.
#include "core/route/strategy.hpp"

namespace tpool::route {

void priority(std::span<Contender> contenders, const Decision&) {
  for (auto& one : contenders) {
    one.score = 0;
    one.terms.clear();
  }
}

}  // namespace tpool::route
