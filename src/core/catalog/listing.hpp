// What one provider offers: its curated or fetched ids, less what it excludes.
//
// The step between a provider of the store and the entries of the pool. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/facts.hpp"
#include "core/catalog/pattern.hpp"
#include "core/catalog/pool.hpp"

namespace tpool::catalog {

using Patterns = std::vector<Pattern>;

// Errors begin with `owner`, which says where the patterns stand.
Result<Patterns> compile(const std::vector<std::string>& texts, const std::string& owner);

bool any_matches(const Patterns& patterns, std::string_view name);

struct Listing {
  std::string id;        // without a [1m] marker
  std::string upstream;  // the name sent to the provider
  bool long_context = false;
  bool hidden = false;
};

// Three-state curation: no list is every chat-capable model last fetched (or the preset's, before
// that), a list is exactly these, an empty list is none. Duplicates merge; order is kept.
std::vector<Listing> list_models(const config::Provider& provider, const ModelLists& lists,
                                 const Patterns& exclude);

// The name under which a provider is sent `id`, both without a marker.
std::string upstream_of(const config::Provider& provider, const std::string& id);

Facts facts_of(const Listing& listing, const Resolved& provider);

}  // namespace tpool::catalog
