// The part of Deployments that reads the store: limits, groups, and where keys are found.
#include <algorithm>

#include "core/catalog/listing.hpp"
#include "core/catalog/model_names.hpp"
#include "core/route/deployments.hpp"

namespace tpool::route {
namespace {

int bounded(std::int64_t limit) {
  return static_cast<int>(std::clamp<std::int64_t>(limit, 0, 1'000'000));
}

std::optional<int> bounded(const std::optional<std::int64_t>& limit) {
  return limit ? std::optional(bounded(*limit)) : std::nullopt;
}

// Where the secret is found; a literal one by its hash.
std::string fingerprint_of(const config::Key& key) {
  auto text = std::to_string(static_cast<int>(key.secret.kind));
  if (key.secret.kind == config::SecretRef::Kind::value)
    return text + std::to_string(std::hash<std::string>()(key.secret.text));
  text += key.secret.text;
  for (const auto& word : key.secret.argv) text.append(1, '\0').append(word);
  return text;
}

// Where a provider is and how it is asked: what failed another way says nothing of this one.
std::string way_of(const config::Provider& provider) {
  std::string text = provider.preset.value_or("") + '\n' + provider.base_url.value_or("") + '\n' +
                     provider.proxy.value_or("") + '\n';
  if (provider.protocol) text += to_string(*provider.protocol);
  text += '\n';
  if (provider.auth) text += to_string(*provider.auth);
  for (const auto& [name, value] : provider.headers) text.append("\n" + name + '\0' + value);
  return text;
}

}  // namespace

config::Limits Deployments::said(const Where& where) const {
  const auto it = stored_.find(where.provider);
  if (it == stored_.end()) return {};
  auto limits = it->second.limits;
  const auto prefer = [&](const auto& table, std::string_view name) {
    const auto own = table.find(name);
    if (own == table.end()) return;
    for (const auto field :
         {&config::Limits::concurrency, &config::Limits::queue, &config::Limits::rpm,
          &config::Limits::tpm, &config::Limits::tokens_5m})
      if (own->second.*field) limits.*field = own->second.*field;
  };
  prefer(it->second.keys, where.key);
  prefer(it->second.models, where.model);
  return limits;
}

std::optional<int> Deployments::limit(const Where& where) const {
  if (const auto* one = find(where)) return one->slots.limit();
  return bounded(said(where).concurrency);
}

void Deployments::fit_cap(std::string_view provider, TimePoint now) {
  auto& node = provider_node(provider);
  if (!node.configured) return;
  struct Row {
    int sum = 0;
    bool changed = false;
  };
  std::map<std::string_view, Row> rows;
  for (const auto& one : table_) {
    if (one->provider != provider) continue;
    auto& row = rows[one->model];
    row.sum += one->slots.limit().value_or(0);
    row.changed = row.changed || one->slots.limit() != one->configured;
  }
  auto cap = *node.configured;
  for (const auto& [model, row] : rows)
    if (row.changed) cap = std::max(cap, row.sum);
  if (cap != node.slots.limit()) node.slots.set_limit(cap, now);
}

void Deployments::apply_limits(Deployment& one, TimePoint now) const {
  const auto limits = said(one.where());
  const auto concurrency = bounded(limits.concurrency);
  // A limit that was set on the running proxy stands until the store says something new.
  if (concurrency != one.configured) one.slots.set_limit(one.configured = concurrency, now);
  one.slots.set_queue_bound(bounded(limits.queue.value_or(routing_.queue)));
  one.pacer.set_limits({limits.rpm, limits.tpm, limits.tokens_5m});
}

void Deployments::forget(KeyNode& key) {
  lift(key.bar);
  for (const auto& one : table_) {
    if (&one->key_node != &key) continue;
    lift(one->bar);
    one->strikes = Strikes();
    one->learned = Learned();
  }
}

void Deployments::reached_anew(std::string_view provider) {
  auto& there = provider_node(provider);
  there.breaker = Breaker();
  ++there.ways;
  for (const auto& one : table_)
    if (one->provider == provider) one->breaker = Breaker();
  if (const auto row = keys_.find(provider); row != keys_.end())
    for (auto& [name, node] : row->second)
      if (node->bar.is("auth")) lift(node->bar);
}

void Deployments::found(std::string_view provider, std::string_view key, KeyFound found) {
  auto& node = key_node(provider, key);
  if (node.found) {
    if (node.found->problem != found.problem) ++changes_;
    // What cannot be read for a while may be the same as before.
    if (!found.problem.empty()) found.proof = node.found->proof;
    // A command may give the same account another token each time: its limits stay.
    if (node.found->proof != found.proof && node.bar.is("auth")) lift(node.bar);
  }
  node.found = std::move(found);
}

bool Deployments::has(const Deployment& one, std::size_t proof) const {
  return !one.key_node.found || one.key_node.found->proof == proof;
}

void Deployments::doubt(Milliseconds doubted) {
  for (auto& [id, node] : providers_) node->bar.doubt(doubted);
  for (auto& [name, bar] : groups_) bar.doubt(doubted);
  for (auto& [id, row] : keys_)
    for (auto& [name, node] : row) node->bar.doubt(doubted);
  for (const auto& one : table_) one->bar.doubt(doubted);
}

void Deployments::configure(const config::Config& config, TimePoint now) {
  for (auto& [id, stored] : stored_) stored.named = false;
  if (config.routing.probe_every != routing_.probe_every) doubt(config.routing.probe_every);
  routing_ = config.routing;
  for (const auto& provider : config.providers) {
    auto& stored = stored_[provider.id];
    stored.named = true;
    auto way = way_of(provider);
    if (!stored.way.empty() && stored.way != way) reached_anew(provider.id);
    stored.way = std::move(way);
    stored.limits = provider.limits;
    stored.models.clear();
    for (const auto& model : provider.model_facts)
      stored.models[catalog::upstream_of(provider, catalog::strip_marker(model.id).name)] =
          model.limits;
    auto& node = provider_node(provider.id);
    const auto cap = bounded(provider.limits.concurrency);
    if (cap != node.configured) node.slots.set_limit(node.configured = cap, now);
    for (const auto& key : provider.keys) {
      stored.keys[key.id] = key.limits;
      auto& known = key_node(provider.id, key.id);
      known.group = key.group;
      auto fingerprint = fingerprint_of(key);
      if (!known.fingerprint.empty() && known.fingerprint != fingerprint) forget(known);
      known.fingerprint = std::move(fingerprint);
    }
  }
  for (auto it = table_.begin(); it != table_.end();) {
    auto& one = **it;
    const auto stored = stored_.find(one.provider);
    const bool named = stored != stored_.end() && stored->second.named;
    if (!named && one.slots.idle() && one.in_flight.now() == 0) {
      it = table_.erase(it);
      continue;
    }
    apply_limits(one, now);
    ++it;
  }
}

}  // namespace tpool::route
