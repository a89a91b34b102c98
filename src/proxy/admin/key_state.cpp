#include "proxy/admin/key_state.hpp"

namespace tpool::admin {
namespace {

KeyState shown(const route::Look& look) {
  KeyState state{look.state, {}};
  if (!look.bar && look.state == "degraded") state.reason = "its last call failed";
  if (!look.bar) return state;
  state.reason = look.bar->reason;
  state.ready = look.bar->soft;
  // The provider's own word, where it gave one: a probe before it may find out more.
  const auto until = look.bar->until != TimePoint::max() ? look.bar->until : look.bar->ready;
  if (!look.bar->soft && until != TimePoint::max()) state.until = until;
  return state;
}

int rank(const KeyState& state) { return !state.ready ? 2 : state.state == "healthy" ? 0 : 1; }

}  // namespace

KeyState key_state(const route::Deployments& deployments, const proxy::Snapshot& snapshot,
                   std::size_t provider, const config::Key* key, TimePoint now) {
  if (key && !key->enabled) return {"disabled", "switched off in the store", {}, false};
  const auto& id = snapshot.pool->providers[provider].id;
  const std::string_view name = key ? std::string_view(key->id) : std::string_view();
  auto worst = shown(deployments.look({id, name, {}}, {now}));
  if (!worst.ready) return worst;
  bool ready = false;
  bool any = false;
  for (const auto& entry : snapshot.pool->entries)
    for (const auto& route : entry.routes) {
      if (route.provider != provider) continue;
      any = true;
      auto state = shown(deployments.look({id, name, route.upstream}, {now}));
      ready = ready || state.ready;
      if (rank(state) > rank(worst)) worst = std::move(state);
    }
  worst.ready = ready || !any;
  return worst;
}

}  // namespace tpool::admin
