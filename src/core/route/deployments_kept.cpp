// The part of Deployments that outlives a moment: reset, and what a restart must know.
#include "core/route/deployments.hpp"

namespace tpool::route {

std::size_t Deployments::reset(std::string_view provider, std::string_view key, TimePoint now) {
  std::size_t count = 0;
  const auto free = [&](Bar& bar) {
    count += bar.in_force(now) != nullptr;
    lift(bar);
  };
  const auto close = [&](Breaker& breaker) {
    count += breaker.open();
    breaker = Breaker();
  };
  const auto named = [&](std::string_view its_provider, std::string_view its_key) {
    return (provider.empty() || provider == its_provider) && (key.empty() || key == its_key);
  };
  for (auto& [id, row] : keys_)
    for (auto& [name, node] : row) {
      if (!named(id, name)) continue;
      free(node->bar);
      if (const auto group = groups_.find(node->group); group != groups_.end()) free(group->second);
    }
  for (auto& [id, node] : providers_) {
    if (!provider.empty() && provider != id) continue;
    free(node->bar);
    close(node->breaker);
  }
  for (const auto& one : table_) {
    if (!named(one->provider, one->key)) continue;
    free(one->bar);
    close(one->breaker);
    one->strikes = Strikes();
    one->learned = Learned();
  }
  return count;
}

std::vector<KeptHold> Deployments::kept(TimePoint now) const {
  std::vector<KeptHold> all;
  const auto keep = [&](const Bar& bar, std::string_view provider, std::string_view key,
                        std::string_view model, std::string_view group) {
    const auto* hold = bar.in_force(now);
    // A key that was refused may be another one by then.
    if (!hold || hold->state == "auth") return;
    all.push_back(
        {std::string(provider), std::string(key), std::string(model), std::string(group), *hold});
  };
  for (const auto& [id, node] : providers_) keep(node->bar, id, "", "", "");
  for (const auto& [name, bar] : groups_) keep(bar, "", "", "", name);
  for (const auto& [id, row] : keys_)
    for (const auto& [name, node] : row) keep(node->bar, id, name, "", "");
  for (const auto& one : table_) keep(one->bar, one->provider, one->key, one->model, "");
  return all;
}

void Deployments::restore(const std::vector<KeptHold>& holds, TimePoint now) {
  for (const auto& one : holds) {
    if (one.hold.until <= now) continue;
    if (!one.group.empty())
      groups_[one.group].set(one.hold, now, routing_.probe_every);
    else if (!one.model.empty())
      at({one.provider, one.key, one.model}).bar.set(one.hold, now, routing_.probe_every);
    else if (one.hold.scope == Scope::key)
      key_node(one.provider, one.key).bar.set(one.hold, now, routing_.probe_every);
    else
      provider_node(one.provider).bar.set(one.hold, now, routing_.probe_every);
  }
}

}  // namespace tpool::route
