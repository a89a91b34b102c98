#include "core/catalog/placement.hpp"

#include <algorithm>

#include "core/catalog/model_names.hpp"
#include "core/catalog/rules.hpp"
#include "core/config/condition.hpp"

namespace tpool::catalog {
namespace {

// A model without rules runs where it is listed; `tier` of a provider orders those.
constexpr std::int64_t default_tier = 100;

Error of_rule(const config::Rule& rule, const Error& error) {
  return {error.code, "rule " + rule.id + ": " + error.message, error.hint};
}

bool picks(const config::Rule& rule, const Resolved& provider) {
  if (rule.provider) return *rule.provider == provider.id;
  const auto& tags = provider.stored->tags;
  return rule.tag && std::ranges::find(tags, *rule.tag) != tags.end();
}

int best_tier(const std::vector<Route>& routes) {
  return routes.empty() ? 0 : std::ranges::min(routes, {}, &Route::tier).tier;
}

int worst_tier(const std::vector<Route>& routes) {
  return routes.empty() ? 0 : std::ranges::max(routes, {}, &Route::tier).tier;
}

}  // namespace

Placement::Placement(const config::Config& config, const std::vector<Resolved>& providers,
                     const std::vector<Offer>& offers, const FactsBook* book)
    : config_(config), providers_(providers), offers_(offers), book_(book) {
  for (std::size_t i = 0; i < offers_.size(); ++i)
    for (std::size_t k = 0; k < offers_[i].listings.size(); ++k)
      by_id_[offers_[i].listings[k].id].push_back({i, k});
}

Route Placement::route_to(Place place) const {
  const auto& offer = offers_[place.provider];
  const auto& listing = offer.listings[place.listing];
  Route route;
  route.provider = place.provider;
  route.upstream = listing.upstream;
  route.facts = offer.facts[place.listing];
  route.tier = static_cast<int>(providers_[place.provider].stored->tier.value_or(default_tier));
  return route;
}

std::vector<Route> Placement::everywhere(std::string_view id) const {
  std::vector<Route> routes;
  if (const auto found = by_id_.find(id); found != by_id_.end())
    for (const auto place : found->second) routes.push_back(route_to(place));
  return routes;
}

void Placement::add_rule(const config::Rule& rule, const std::string& model, std::size_t provider,
                         const Pattern* pattern, std::vector<Route>& routes) const {
  if (!pattern && !rule.upstream) {
    if (const auto found = by_id_.find(model); found != by_id_.end())
      for (const auto place : found->second)
        if (place.provider == provider) routes.push_back(route_to(place));
    return;
  }
  const auto& offer = offers_[provider];
  const auto first = static_cast<std::ptrdiff_t>(routes.size());
  for (std::size_t k = 0; k < offer.listings.size(); ++k) {
    const auto& upstream = offer.listings[k].upstream;
    if (pattern ? pattern->matches(upstream) : upstream == *rule.upstream)
      routes.push_back(route_to({provider, k}));
  }
  std::sort(routes.begin() + first, routes.end(),
            [](const Route& one, const Route& other) { return one.upstream < other.upstream; });
  const bool found = static_cast<std::ptrdiff_t>(routes.size()) > first;
  // A rule may name what the provider does not list, but not what the user excluded there.
  if (found || pattern || any_matches(offer.exclude, *rule.upstream)) return;
  Route route;
  route.provider = provider;
  route.upstream = *rule.upstream;
  route.facts = std::make_shared<const Facts>(facts_for(*rule.upstream, providers_[provider]));
  routes.push_back(std::move(route));
}

Result<std::vector<Route>> Placement::routes(const config::Model& model) const {
  const auto id = strip_marker(model.id).name;
  const auto rules = effective_rules(config_, model, developer_of(model, book_));
  if (rules.empty()) {
    if (!model.fallback) return std::vector<Route>();
    return everywhere(id);
  }
  std::vector<Route> routes;
  for (const auto& [rule, inherited] : rules) {
    std::optional<Pattern> pattern;
    if (rule->match) {
      auto compiled = Pattern::compile(*rule->match);
      if (!compiled) return of_rule(*rule, compiled.error());
      pattern = std::move(*compiled);
    }
    std::shared_ptr<const config::Condition> when;
    if (rule->when) {
      auto parsed = config::Condition::parse(*rule->when);
      if (!parsed) return of_rule(*rule, parsed.error());
      when = std::make_shared<const config::Condition>(std::move(*parsed));
    }
    const auto first = routes.size();
    for (std::size_t i = 0; i < providers_.size(); ++i)
      if (picks(*rule, providers_[i]))
        add_rule(*rule, id, i, pattern ? &*pattern : nullptr, routes);
    for (auto i = first; i < routes.size(); ++i) {
      routes[i].tier = static_cast<int>(rule->priority);
      routes[i].rule = rule->id;
      routes[i].when = when;
    }
  }
  return routes;
}

std::vector<Route> routes_after(const std::vector<Route>& routes, const Successors& successors) {
  std::vector<Route> after;
  if (!successors.failover) return after;
  auto base = worst_tier(routes) + 1;
  const auto append = [&](const std::vector<Route>& more) {
    const auto best = best_tier(more);
    for (auto route : more) {
      route.tier = base + (route.tier - best);
      after.push_back(std::move(route));
    }
    base += worst_tier(more) - best + 1;
  };
  switch (successors.failover->mode) {
    case config::Failover::Mode::keys: break;
    case config::Failover::Mode::same_model: append(successors.same_model); break;
    case config::Failover::Mode::list:
      for (const auto& one : successors.listed) append(one);
      break;
  }
  return after;
}

void number_slots(Entry& entry) {
  std::map<std::pair<std::size_t, std::string_view>, std::uint32_t> slots;
  std::vector<bool> taken;
  for (auto* routes : {&entry.routes, &entry.failover}) {
    std::vector<Route> kept;
    kept.reserve(routes->size());
    for (auto& route : *routes) {
      // A view into what is kept: the strings do not move any more.
      const auto found = slots.find({route.provider, route.upstream});
      const auto slot =
          found == slots.end() ? static_cast<std::uint32_t>(slots.size()) : found->second;
      if (found != slots.end() && taken[slot]) continue;
      route.slot = slot;
      const bool always = route.when == nullptr;
      kept.push_back(std::move(route));
      if (found == slots.end()) {
        slots.emplace(std::pair(kept.back().provider, std::string_view(kept.back().upstream)),
                      slot);
        taken.push_back(always);
      } else if (always) {
        taken[slot] = true;
      }
    }
    *routes = std::move(kept);
  }
  entry.slots = static_cast<std::uint32_t>(slots.size());
}

}  // namespace tpool::catalog
