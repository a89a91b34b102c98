#include "proxy/observe/cost.hpp"

namespace tpool::observe {

std::optional<double> cost_of(const config::Cost& price, const ir::Usage& usage) {
  double total = 0;
  const auto add = [&](std::int64_t tokens, const std::optional<double>& own,
                       const std::optional<double>& other) {
    if (tokens == 0) return true;
    const auto& per_million = own ? own : other;
    if (!per_million) return false;
    total += static_cast<double>(tokens) * *per_million / 1e6;
    return true;
  };
  const bool known = add(usage.input, price.input, std::nullopt) &&
                     add(usage.cache_read, price.cache_read, price.input) &&
                     add(usage.cache_write, price.cache_write, price.input) &&
                     add(usage.output, price.output, std::nullopt);
  return known ? std::optional(total) : std::nullopt;
}

}  // namespace tpool::observe
