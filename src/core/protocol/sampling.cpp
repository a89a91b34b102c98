#include "core/protocol/sampling.hpp"

namespace tpool::protocol {

Sampling sampling_of(const ir::Request& request, bool allowed, std::vector<ir::Loss>& losses) {
  if (allowed) return {request.temperature, request.top_p};
  const auto lose = [&](std::string_view name, std::optional<double> value) {
    if (value.value_or(1.0) != 1.0)
      ir::add_loss(losses, std::string(name), ir::Loss::Action::dropped);
  };
  lose("temperature", request.temperature);
  lose("top_p", request.top_p);
  return {};
}

}  // namespace tpool::protocol
