#include "core/catalog/listing.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "core/catalog/model_names.hpp"

namespace tpool::catalog {
namespace {

constexpr std::int64_t long_context_tokens = 1'000'000;

// The ids a provider offers, as its list spells them: three-state curation.
std::vector<std::string> offered_ids(const config::Provider& provider, const ModelLists& lists) {
  if (provider.models) return *provider.models;
  std::vector<std::string> ids;
  if (const auto fetched = lists.find(provider.id); fetched != lists.end()) {
    std::copy_if(fetched->second.begin(), fetched->second.end(), std::back_inserter(ids), can_chat);
  } else if (provider.preset) {
    if (const auto* preset = find_preset(*provider.preset))
      ids.assign(preset->models.begin(), preset->models.end());
  }
  for (const auto& said : provider.model_facts) ids.push_back(said.id);
  return ids;
}

}  // namespace

std::string upstream_of(const config::Provider& provider, const std::string& id) {
  for (const auto& said : provider.model_facts)
    if (said.upstream && strip_marker(said.id).name == id) return strip_marker(*said.upstream).name;
  for (const auto& [name, upstream] : provider.map)
    if (strip_marker(name).name == id) return strip_marker(upstream).name;
  return id;
}

Result<Patterns> compile(const std::vector<std::string>& texts, const std::string& owner) {
  Patterns patterns;
  for (const auto& text : texts) {
    auto pattern = Pattern::compile(text);
    if (!pattern)
      return Error{pattern.error().code, owner + ": " + pattern.error().message,
                   pattern.error().hint};
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

bool any_matches(const Patterns& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const Pattern& pattern) { return pattern.matches(name); });
}

std::vector<Listing> list_models(const config::Provider& provider, const ModelLists& lists,
                                 const Patterns& exclude) {
  std::vector<Listing> listings;
  std::map<std::string, std::size_t> places;
  const auto add = [&](const std::string& spelled, bool hidden) {
    auto [id, long_context] = strip_marker(spelled);
    if (id.empty() || any_matches(exclude, id)) return;
    const auto [place, fresh] = places.emplace(id, listings.size());
    if (fresh)
      listings.push_back({id, upstream_of(provider, id), long_context, hidden});
    else
      listings[place->second].long_context |= long_context;
  };
  for (const auto& id : offered_ids(provider, lists)) add(id, false);
  // A mapped name is one a client insists on: it leads somewhere, and the picker stays short.
  const bool none_offered = provider.models && provider.models->empty();
  if (!none_offered)
    for (const auto& [name, upstream] : provider.map) add(name, true);
  return listings;
}

Facts facts_of(const Listing& listing, const Resolved& provider) {
  auto facts = facts_for(listing.id, provider);
  if (facts.name.empty() && !facts.context && listing.upstream != listing.id)
    facts = facts_for(listing.upstream, provider);
  if (listing.long_context)
    facts.context = std::max(facts.context.value_or(0), long_context_tokens);
  return facts;
}

}  // namespace tpool::catalog
