#include "core/route/deployments.hpp"

#include <utility>

namespace tpool::route {
namespace {

struct Worst {
  std::optional<Barred> hard = {};
  std::optional<Barred> soft = {};

  void add(const Bar& bar, TimePoint now) {
    if (!bar.bars(now)) return;
    const auto& hold = *bar.in_force(now);
    const auto ready = bar.ready(now);
    if (!hard || ready > hard->ready)
      hard = Barred{hold.state, hold.reason, ready, false, hold.until};
  }
  void add(const Breaker& breaker, const Ask& ask, const config::Routing& routing,
           std::string_view reason) {
    if (!breaker.admits(ask.now, routing, ask.low_stake))
      prefer_others("breaker", reason, breaker.ready(ask.now, routing, ask.low_stake));
  }
  void prefer_others(std::string_view state, std::string_view reason, TimePoint ready) {
    if (!soft || ready > soft->ready) soft = Barred{state, reason, ready, true};
  }
};

}  // namespace

Deployment::Deployment(const Where& where, ProviderNode& its_provider, KeyNode& its_key,
                       QueueCounts& row)
    : provider(where.provider),
      key(where.key),
      model(where.model),
      provider_node(its_provider),
      key_node(its_key),
      slots(its_provider.slots, &row) {}

std::size_t Deployments::Hash::operator()(const Where& where) const noexcept {
  const std::hash<std::string_view> hash;
  auto value = hash(where.provider);
  value = (value ^ hash(where.key)) * 0x9e3779b97f4a7c15U;
  return (value ^ hash(where.model)) * 0x9e3779b97f4a7c15U;
}

const Deployment* Deployments::find(const Where& where) const {
  const auto it = table_.find(where);
  return it == table_.end() ? nullptr : it->get();
}

Deployment& Deployments::at(const Where& where) {
  if (const auto it = table_.find(where); it != table_.end()) return **it;
  auto& provider = provider_node(where.provider);
  auto row = provider.rows.find(where.model);
  if (row == provider.rows.end())
    row = provider.rows.emplace(where.model, std::make_unique<QueueCounts>()).first;
  auto made = std::make_unique<Deployment>(where, provider, key_node(where.provider, where.key),
                                           *row->second);
  apply_limits(*made, TimePoint());
  return **table_.insert(std::move(made)).first;
}

ProviderNode& Deployments::provider_node(std::string_view id) {
  const auto it = providers_.find(id);
  if (it != providers_.end()) return *it->second;
  return *providers_.emplace(id, std::make_unique<ProviderNode>()).first->second;
}

const ProviderNode* Deployments::provider(std::string_view id) const {
  const auto it = providers_.find(id);
  return it == providers_.end() ? nullptr : it->second.get();
}

ProviderNode* Deployments::provider(std::string_view id) {
  const auto it = providers_.find(id);
  return it == providers_.end() ? nullptr : it->second.get();
}

KeyNode& Deployments::key_node(std::string_view provider, std::string_view key) {
  auto row = keys_.find(provider);
  if (row == keys_.end()) row = keys_.try_emplace(std::string(provider)).first;
  const auto it = row->second.find(key);
  if (it != row->second.end()) return *it->second;
  return *row->second.emplace(key, std::make_unique<KeyNode>()).first->second;
}

const KeyNode* Deployments::find_key(std::string_view provider, std::string_view key) const {
  const auto row = keys_.find(provider);
  if (row == keys_.end()) return nullptr;
  const auto it = row->second.find(key);
  return it == row->second.end() ? nullptr : it->second.get();
}

const Bar* Deployments::account(const ProviderNode* provider, const KeyNode* key) const {
  // Keys in no group share the account of their provider.
  if (!key || key->group.empty()) return provider ? &provider->bar : nullptr;
  if (groups_.empty()) return nullptr;
  const auto it = groups_.find(key->group);
  return it == groups_.end() ? nullptr : &it->second;
}

Bar* Deployments::account(Deployment& one) {
  return const_cast<Bar*>(std::as_const(*this).account(&one.provider_node, &one.key_node));
}

Look Deployments::look(const Where& where, const Ask& ask) const {
  const auto now = ask.now;
  const auto* one = find(where);
  const auto* key = one ? &one->key_node : find_key(where.provider, where.key);
  const auto* provider = one ? &one->provider_node : this->provider(where.provider);
  Look look;
  Worst worst;
  if (const auto* bar = account(provider, key)) worst.add(*bar, now);
  if (key) {
    if (key->found && !key->found->problem.empty())
      worst.hard = Barred{"auth", key->found->problem};
    worst.add(key->bar, now);
  }
  if (one) {
    worst.add(one->bar, now);
    if (const auto ready = one->pacer.ready(ask.tokens, now);
        ready > now && (!worst.hard || ready > worst.hard->ready))
      worst.hard = Barred{"rate", "its limit of requests or tokens is used up", ready};
  }
  if (worst.hard) {
    look.state = worst.hard->state;
    look.bar = worst.hard;
    return look;
  }
  if (provider) worst.add(provider->breaker, ask, routing_, "it could not be reached");
  if (one) {
    worst.add(one->breaker, ask, routing_, "it failed too often");
    if (one->in_flight.over()) worst.prefer_others("busy", "it takes no more at once", now);
    if (const auto ready = one->learned.ready(ask.tokens, now); ready > now)
      worst.prefer_others("rate", "it says that its limit is used up", ready);
  }
  look.bar = worst.soft;
  if (look.bar || (provider && provider->breaker.shaken()) || (one && one->breaker.shaken()))
    look.state = "degraded";
  return look;
}

Past Deployments::past(const Deployment& one, TimePoint now) const {
  Past past{one.strikes.count(now, routing_.strikes_forgotten), false};
  const auto limited = [&](const Bar& bar) {
    const auto* hold = bar.in_force(now);
    return hold && (hold->state == "cooldown" || hold->state == "quota");
  };
  // Only a failed one gets here: a scan of the table costs nothing that matters.
  for (const auto& other : table_)
    if (other.get() != &one && &other->key_node == &one.key_node && limited(other->bar))
      past.key_limited = true;
  return past;
}

Running Deployments::began(Deployment& one, const Ask& ask) {
  one.in_flight.began();
  one.pacer.began(ask.tokens, ask.now);
  one.learned.began(ask.tokens);
  one.bar.began(ask.now);
  one.key_node.bar.began(ask.now);
  if (auto* bar = account(one)) bar->began(ask.now);
  return {ask.now, ask.tokens, one.breaker.began(ask.now, routing_),
          one.provider_node.breaker.began(ask.now, routing_), one.provider_node.ways};
}

void Deployments::ended(Deployment& one, const Running& running, std::optional<std::int64_t> used,
                        TimePoint now) {
  one.in_flight.ended();
  one.pacer.ended(running.tokens, used, now);
}

void Deployments::succeeded(Deployment& one, const Running& running,
                            std::optional<std::int64_t> used, TimePoint now) {
  one.in_flight.succeeded(routing_);
  ended(one, running, used, now);
  one.strikes = Strikes();
  if (running.way != one.provider_node.ways) return;
  one.breaker.succeeded(now);
  one.provider_node.breaker.succeeded(now);
  if (one.bar.disproved_by(running.began)) lift(one.bar);
  if (one.key_node.bar.disproved_by(running.began)) lift(one.key_node.bar);
  if (auto* bar = account(one); bar && bar->disproved_by(running.began)) lift(*bar);
}

void Deployments::failed(Deployment& one, const Running& running, const Verdict& verdict,
                         TimePoint now) {
  if (verdict.slow_down) one.in_flight.overloaded(routing_);
  ended(one, running, std::nullopt, now);
  if (verdict.strike) one.strikes.add(running.began, now, routing_.strikes_forgotten);
  if (running.way != one.provider_node.ways) {
    // A limit is the account's, wherever that is reached.
    if (verdict.hold && verdict.hold->state != "auth") set(one, *verdict.hold, running.began, now);
    return;
  }
  if (verdict.blame == Blame::provider)
    one.provider_node.breaker.failed(now, running.provider_probe, routing_);
  else if (verdict.reached)
    one.provider_node.breaker.succeeded(now);
  else
    one.provider_node.breaker.abandoned(running.provider_probe);
  if (verdict.blame == Blame::model)
    one.breaker.failed(now, running.probe, routing_);
  else
    one.breaker.abandoned(running.probe);
  if (verdict.hold) set(one, *verdict.hold, running.began, now);
}

void Deployments::abandoned(Deployment& one, const Running& running,
                            std::optional<std::int64_t> used, TimePoint now) {
  ended(one, running, used, now);
  if (running.way != one.provider_node.ways) return;
  one.breaker.abandoned(running.probe);
  one.provider_node.breaker.abandoned(running.provider_probe);
}

void Deployments::learned(Deployment& one, const RateReports& reports, TimePoint now) {
  one.learned.observe(reports, now);
}

void Deployments::set(Deployment& one, const Hold& hold, TimePoint began, TimePoint now) {
  ++changes_;
  const auto bar = [&](Bar& its) {
    // What was under way when the hold was learned says nothing newer than the hold.
    const auto* old = its.in_force(now);
    if (old && old->until > hold.until && !its.disproved_by(began)) return;
    its.set(hold, now, routing_.probe_every);
  };
  switch (hold.scope) {
    case Scope::model: return bar(one.bar);
    case Scope::key: return bar(one.key_node.bar);
    case Scope::group:
      return bar(one.key_node.group.empty() ? one.provider_node.bar : groups_[one.key_node.group]);
  }
}

void Deployments::lift(Bar& bar) {
  if (bar.empty()) return;
  bar.clear();
  ++changes_;
}

}  // namespace tpool::route
