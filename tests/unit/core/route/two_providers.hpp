// Two providers of two keys each, and what befalls a deployment of theirs.
#pragma once

#include "core/route/deployments.hpp"

namespace tpool::route {

inline const TimePoint start{std::chrono::hours(1000)};

inline config::Config two_providers() {
  config::Config config;
  for (const std::string id : {"a", "b"}) {
    config::Provider provider;
    provider.id = id;
    for (const std::string name : {"one", "two"}) {
      config::Key key;
      key.id = name;
      key.secret = {config::SecretRef::Kind::env, id + name};
      provider.keys.push_back(key);
    }
    config.providers.push_back(provider);
  }
  return config;
}

inline ir::Failure failure(ir::Failure::Kind kind, std::optional<Milliseconds> hint = {},
                           int status = 0) {
  ir::Failure made;
  made.kind = kind;
  made.retry_after = hint;
  made.status = status;
  return made;
}

inline void fail(Deployments& deployments, const Where& where, const ir::Failure& what,
                 TimePoint now) {
  auto& one = deployments.at(where);
  const auto running = deployments.began(one, {now});
  const auto verdict = judge(what, {}, {1, 0, false, true}, deployments.past(one, now), now, 5);
  deployments.failed(one, running, verdict, now);
}

inline bool barred(const Deployments& deployments, const Where& where, TimePoint now) {
  const auto look = deployments.look(where, {now});
  return look.bar && !look.bar->soft;
}

}  // namespace tpool::route
