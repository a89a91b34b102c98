// Temperature and top_p as far as a provider takes them. Any thread.
#pragma once

#include <optional>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"

namespace tpool::protocol {

struct Sampling {
  std::optional<double> temperature = {};
  std::optional<double> top_p = {};
};

// Neither where they are not `allowed`: that is counted, unless they ask for what is done unasked.
Sampling sampling_of(const ir::Request& request, bool allowed, std::vector<ir::Loss>& losses);

}  // namespace tpool::protocol
