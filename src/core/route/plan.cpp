#include "core/route/plan.hpp"

#include <algorithm>

#include "core/route/budget_gate.hpp"
#include "core/route/order.hpp"
#include "core/route/random.hpp"
#include "core/route/rule.hpp"

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
          const BudgetGate& budgets, TimePoint now)
      : pool_(pool),
        envelope_(envelope),
        deployments_(deployments),
        budgets_(budgets),
        ask_{now, envelope.estimated_tokens(), envelope.low_stake()} {}

  void consider(const catalog::Entry& entry, Plan& plan) {
    RuleFilter filter(entry, envelope_);
    plan.steps.reserve(keys_of(entry.routes) + keys_of(entry.failover));
    for (const auto& route : entry.routes) consider(route, filter, plan);
    const auto own = plan.steps.size();
    for (const auto& route : entry.failover) consider(route, filter, plan);
    for (auto i = own; i < plan.steps.size(); ++i) plan.steps[i].takes_over = true;
  }

  // Whether a rule let the request through to any gate.
  bool placed() const { return placed_; }

 private:
  // A step is large, and moved at each growth of their list.
  std::size_t keys_of(const std::vector<catalog::Route>& routes) const {
    std::size_t keys = 0;
    for (const auto& route : routes)
      keys += std::max<std::size_t>(1, pool_.providers[route.provider].stored->keys.size());
    return keys;
  }

  void consider(const catalog::Route& route, RuleFilter& filter, Plan& plan) {
    const auto& provider = pool_.providers[route.provider];
    switch (filter.ask(route)) {
      case RuleFilter::Says::takes: break;
      case RuleFilter::Says::duplicate: return;
      case RuleFilter::Says::condition:
        // Once for all the models of a provider that the rule matches.
        if (refused_ && refused_->rule == route.rule && refused_->provider == route.provider)
          return;
        refused_ = &route;
        plan.rejected.push_back({provider.id, "", route.upstream, "rule",
                                 "rule " + route.rule + " is for: " + route.when->text()});
        return;
    }
    placed_ = true;
    const auto& keys = provider.stored->keys;
    if (keys.empty()) return consider({&provider, nullptr, route.upstream}, route, plan);
    for (const auto& key : keys) consider({&provider, &key, route.upstream}, route, plan);
  }

  void consider(Candidate candidate, const catalog::Route& route, Plan& plan) {
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
    if (envelope_.images && !route.facts->takes_images())
      return reject("protocol", route.facts->input.empty()
                                    ? "nobody knows whether the model takes images: tpool model "
                                      "edit " +
                                          candidate.provider->id + "/" + candidate.upstream +
                                          " --input text,image says so"
                                    : "the model takes no images");
    if (envelope_.tools && route.facts->tool_call == false)
      return reject("protocol", "the model calls no tools");
    if (const auto* spent = budgets_.blocks(candidate.provider->id, candidate.upstream))
      return reject("budget", budgets_.reason(*spent), budgets_.ready());
    const auto look = deployments_.look(candidate.where(), ask_);
    if (look.bar && !look.bar->soft) {
      std::optional<TimePoint> ready;
      if (look.bar->ready != TimePoint::max()) ready = look.bar->ready;
      reject(std::string(look.bar->state), std::string(look.bar->reason), ready);
      if (look.bar->until != TimePoint::max()) plan.rejected.back().until = look.bar->until;
      return;
    }
    Step step;
    step.lane = lane_for(*candidate.provider, candidate.upstream, envelope_);
    // Each protocol says effort its own way, and the codecs know them all.
    if (!plan.effort.empty() && envelope_.operation == Operation::generate)
      step.lane = Lane::translate;
    step.tier = route.tier;
    step.facts = route.facts.get();
    step.state = look.state;
    if (look.bar) {
      step.last_resort = true;
      step.broken = look.bar->state == "breaker";
      if (look.bar->state == "rate") step.paced_until = look.bar->ready;
      step.why.emplace_back(look.bar->reason);
    }
    step.route = &route;
    step.candidate = std::move(candidate);
    plan.steps.push_back(std::move(step));
  }

  const catalog::Pool& pool_;
  const Envelope& envelope_;
  const Deployments& deployments_;
  const BudgetGate& budgets_;
  const Ask ask_;
  bool placed_ = false;
  const catalog::Route* refused_ = nullptr;  // the last one whose condition did not hold
};

Error unknown(const catalog::Pool& pool, const Envelope& envelope) {
  auto error = pool.explain_unknown(envelope.model);
  const auto* standard = pool.default_entry();
  // Clients ask for some names by themselves, which nobody ever picked.
  if (envelope.request_class == Class::background && standard)
    error.hint = "the client asks for it in the background; give it a model: tpool model alias " +
                 envelope.model + " " + standard->name + " --hidden";
  return error;
}

// A prompt that cannot fit one model and fits another goes there. The estimate of its size is
// rough, so a model is passed over only when it is far too small.
void drop_too_small(const Envelope& envelope, Plan& plan) {
  // An image's bytes say nothing about its tokens.
  if (envelope.images) return;
  const auto fits = [&](const Step& step) {
    return !step.facts->context || *step.facts->context >= envelope.prompt_tokens;
  };
  if (std::ranges::all_of(plan.steps, fits) || std::ranges::none_of(plan.steps, fits)) return;
  std::erase_if(plan.steps, [&](const Step& step) {
    if (!step.facts->context || *step.facts->context > envelope.prompt_tokens / 5 * 4) return false;
    plan.rejected.push_back({step.candidate.provider->id, std::string(step.candidate.key_id()),
                             step.candidate.upstream, "context",
                             "about " + std::to_string(envelope.prompt_tokens) +
                                 " tokens do not fit its window of " +
                                 std::to_string(*step.facts->context)});
    return true;
  });
}

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

int hour_of_day(std::time_t time) {
  // Asked for at every request, and the same for a minute: clocks are changed by whole ones.
  thread_local std::time_t known_minute = -1;
  thread_local int hour = 0;
  const auto minute = time / 60;
  if (minute == known_minute) return hour;
  std::tm local{};
  ::localtime_r(&time, &local);
  known_minute = minute;
  return hour = local.tm_hour;
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

std::optional<TimePoint> Plan::earliest_said() const {
  std::optional<TimePoint> first;
  for (const auto& one : rejected) {
    const auto said = one.until ? one.until : one.ready;
    if (said && (!first || *said < *first)) first = said;
  }
  return first;
}

std::optional<TimePoint> Plan::better_later(TimePoint now) const {
  if (steps.empty() || !steps[0].paced_until) return std::nullopt;
  const auto when = *steps[0].paced_until;
  return when > now && when <= now + believed_pace ? std::optional(when) : std::nullopt;
}

Result<Plan> plan(const catalog::Pool& pool, const Envelope& envelope,
                  const Deployments& deployments, TimePoint now, const Experience* experience,
                  const Budgets* budgets) {
  Plan plan;
  plan.requested = envelope.model;
  plan.request_class = envelope.request_class;
  plan.priority = envelope.priority();
  plan.strategy = pool.config->settings.strategy.value_or("priced-affinity");
  const auto* named = pool.find(envelope.model);
  const auto* entry = pool.resolve(envelope.model);
  if (!entry) {
    named = pool.stand_in();
    entry = named ? pool.resolve(named->name) : nullptr;
  }
  if (!entry) return unknown(pool, envelope);
  plan.effort = pool.effort_of(envelope.model);
  plan.resolved_by = kind_name(named ? named->kind : entry->kind);
  plan.entry = entry;
  const BudgetGate gate(budgets, {pool, entry, envelope.client}, envelope, now);
  Planner planner(pool, envelope, deployments, gate, now);
  planner.consider(*entry, plan);
  if (!planner.placed()) return no_rule_takes(*entry);
  drop_too_small(envelope, plan);
  gate.drop_dearer(plan);
  if (experience)
    order(plan, envelope, *pool.config, *experience, now);
  else
    order_as_declared(plan.steps);
  return plan;
}

}  // namespace tpool::route
