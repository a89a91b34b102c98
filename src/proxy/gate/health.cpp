#include "proxy/gate/health.hpp"

namespace tpool::gate {

int Health::strikes(const std::string& candidate) const {
  const auto it = strikes_.find(candidate);
  return it == strikes_.end() ? 0 : it->second;
}

void Health::failed(const std::string& candidate, const route::Verdict& verdict) {
  if (!verdict.hold) return;
  holds_[candidate] = *verdict.hold;
  ++strikes_[candidate];
}

void Health::served(const route::Candidate& candidate) {
  if (holds_.empty() && strikes_.empty()) return;
  const auto id = candidate.id();
  holds_.erase(id);
  strikes_.erase(id);
}

void Health::forget_auth() {
  std::erase_if(holds_, [](const auto& one) { return one.second.state == "auth"; });
}

void Health::drop_expired(TimePoint now) {
  std::erase_if(holds_, [&](const auto& one) { return one.second.until <= now; });
}

}  // namespace tpool::gate
