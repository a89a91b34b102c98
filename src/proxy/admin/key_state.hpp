// How each key stands, by the same predicate that routing uses. I/O thread only.
#pragma once

#include <string>
#include <string_view>

#include "core/route/deployments.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::admin {

struct KeyState {
  std::string_view state;  // healthy | degraded | cooldown | quota | auth | hold | disabled | rate
  std::string reason;
  std::optional<TimePoint> until = {};
  bool ready = true;  // at least one model can be called with it now
};

// `key` is nullptr for a provider that takes none. The state is the worst over its models.
KeyState key_state(const route::Deployments& deployments, const proxy::Snapshot& snapshot,
                   std::size_t provider, const config::Key* key, TimePoint now);

// Visits (index of the provider, key or nullptr) in the order of the store.
template <class Visit>
void each_key(const proxy::Snapshot& snapshot, Visit visit) {
  for (std::size_t i = 0; i < snapshot.pool->providers.size(); ++i) {
    const auto& keys = snapshot.pool->providers[i].stored->keys;
    if (keys.empty()) visit(i, static_cast<const config::Key*>(nullptr));
    for (const auto& key : keys) visit(i, &key);
  }
}

}  // namespace tpool::admin
