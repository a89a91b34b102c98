#include "core/route/plan.hpp"

#include <algorithm>

#include "core/route/order.hpp"
#include "core/route/random.hpp"

namespace tpool::route {
namespace {

Lane lane_for(const catalog::Resolved& provider, const std::string& model,
              const Envelope& envelope) {
  const auto client = envelope.protocol;
  if (envelope.operation == Operation::embed) return Lane::relay;
  if (provider.protocol != client) return Lane::translate;
  // A Responses provider that knows less of the protocol than its clients do is spoken to through
  // the IR, which says the rest another way.
  const auto& dialect = provider.dialect_for(model);
  if (client == Protocol::responses &&
      !(dialect.responses_namespaces && dialect.responses_custom_tools &&
        dialect.responses_hosted_tools))
    return Lane::translate;
  if (envelope.summarized || (envelope.compaction && !dialect.responses_compaction))
    return Lane::translate;
  return Lane::relay;
}

// The protocols in which an operation can be served; embeddings are never imitated in another.
bool knows(Protocol protocol, Operation operation) {
  switch (operation) {
    case Operation::generate:
    case Operation::compact: return true;
    case Operation::embed: return protocol == Protocol::chat || protocol == Protocol::responses;
    case Operation::count_tokens: return protocol == Protocol::messages;
  }
  return false;
}

std::string_view kind_name(catalog::Entry::Kind kind) {
  switch (kind) {
    case catalog::Entry::Kind::slug: return "slug";
    case catalog::Entry::Kind::model: return "model";
    case catalog::Entry::Kind::alias: return "alias";
  }
  return "slug";
}

class Planner {
 public:
  Planner(const catalog::Pool& pool, const Envelope& envelope, const Deployments& deployments,
          TimePoint now)
      : pool_(pool),
        envelope_(envelope),
        deployments_(deployments),
        ask_{now, envelope.estimated_tokens(), envelope.low_stake()} {}

  void consider(const catalog::Route& route, const catalog::Entry& entry, Plan& plan) {
    const auto& provider = pool_.providers[route.provider];
    const auto& keys = provider.stored->keys;
    if (keys.empty()) return consider({&provider, nullptr, route.upstream}, route, entry, plan);
    for (const auto& key : keys) consider({&provider, &key, route.upstream}, route, entry, plan);
  }

 private:
  void consider(Candidate candidate, const catalog::Route& route, const catalog::Entry& entry,
                Plan& plan) {
    const auto reject = [&](std::string gate, std::string reason,
                            std::optional<TimePoint> ready = {}) {
      plan.rejected.push_back({candidate.provider->id, std::string(candidate.key_id()),
                               candidate.upstream, std::move(gate), std::move(reason), ready});
    };
    if (candidate.key && !candidate.key->enabled) return reject("enabled", "the key is disabled");
    if (!knows(candidate.provider->protocol, envelope_.operation))
      return reject("protocol", std::string(to_string(envelope_.operation)) +
                                    " is only relayed, and protocol " +
                                    std::string(to_string(candidate.provider->protocol)) +
                                    " does not have it");
    if (!envelope_.maker.empty() && envelope_.maker != candidate.provider->id)
      return reject("protocol", "the conversation was compacted by " + envelope_.maker +
                                    ", which alone can read it");
    if (envelope_.images && !entry.facts.takes_images())
      return reject("protocol", entry.facts.input.empty()
                                    ? "nobody knows whether the model takes images: tpool model "
                                      "edit " +
                                          entry.name + " --input text,image says so"
                                    : "the model takes no images");
    if (envelope_.tools && entry.facts.tool_call == false)
      return reject("protocol", "the model calls no tools");
    const auto look = deployments_.look(candidate.where(), ask_);
    if (look.bar && !look.bar->soft) {
      std::optional<TimePoint> ready;
      if (look.bar->ready != TimePoint::max()) ready = look.bar->ready;
      return reject(std::string(look.bar->state), std::string(look.bar->reason), ready);
    }
    Step step;
    step.lane = lane_for(*candidate.provider, candidate.upstream, envelope_);
    step.tier = route.tier;
    step.facts = route.facts.get();
    step.state = look.state;
    if (look.bar) {
      step.last_resort = true;
      if (look.bar->state == "rate") step.paced_until = look.bar->ready;
      step.why.emplace_back(look.bar->reason);
    }
    step.candidate = std::move(candidate);
    plan.steps.push_back(std::move(step));
  }

  const catalog::Pool& pool_;
  const Envelope& envelope_;
  const Deployments& deployments_;
  const Ask ask_;
};

}  // namespace

std::string_view to_string(Class request_class) {
  switch (request_class) {
    case Class::interactive: return "interactive";
    case Class::subagent: return "subagent";
    case Class::background: return "background";
    case Class::probe: return "probe";
  }
  return "interactive";
}

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::generate: return "generation";
    case Operation::embed: return "embedding";
    case Operation::compact: return "compaction";
    case Operation::count_tokens: return "counting tokens";
  }
  return "generation";
}

std::string_view Candidate::key_id() const { return key ? std::string_view(key->id) : ""; }

std::string Candidate::id() const {
  std::string id;
  id.reserve(provider->id.size() + key_id().size() + upstream.size() + 2);
  return id.append(provider->id).append("/").append(key_id()).append("/").append(upstream);
}

std::uint64_t Candidate::hash() const {
  const auto add = [](std::uint64_t seed, std::string_view text) {
    for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return mix(seed + text.size());
  };
  return add(add(add(0xcbf29ce484222325ULL, provider->id), key_id()), upstream);
}

std::optional<TimePoint> Plan::earliest() const {
  std::optional<TimePoint> first;
  for (const auto& one : rejected)
    if (one.ready && (!first || *one.ready < *first)) first = one.ready;
  return first;
}

std::optional<TimePoint> Plan::better_later(TimePoint now) const {
  if (steps.empty() || !steps[0].paced_until) return std::nullopt;
  const auto when = *steps[0].paced_until;
  return when > now && when <= now + believed_pace ? std::optional(when) : std::nullopt;
}

Result<Plan> plan(const catalog::Pool& pool, const Envelope& envelope,
                  const Deployments& deployments, TimePoint now, const Experience* experience) {
  Plan plan;
  plan.requested = envelope.model;
  plan.request_class = envelope.request_class;
  plan.strategy = pool.config->settings.strategy.value_or("priced-affinity");
  const auto* named = pool.find(envelope.model);
  const auto* entry = pool.resolve(envelope.model);
  if (!entry && pool.config->settings.on_unknown_model == "default") {
    entry = pool.default_entry();
    named = entry;
  }
  if (!entry) return pool.explain_unknown(envelope.model);
  plan.resolved_by = kind_name(named ? named->kind : entry->kind);
  Planner planner(pool, envelope, deployments, now);
  for (const auto& route : entry->routes) planner.consider(route, *entry, plan);
  if (experience)
    order(plan, envelope, pool.config->settings, *experience, now);
  else
    order_as_declared(plan.steps);
  return plan;
}

}  // namespace tpool::route
