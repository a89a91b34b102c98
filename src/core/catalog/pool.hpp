// One immutable value: everything a client can name, and where each name leads.
//
// Built once per config revision; the catalog, /v1/models and routes all read this one value, so
// they cannot disagree. All or nothing: an entry that cannot be read fails the build, an
// unreachable provider does not. Shared between threads once built.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/facts.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::config {
class Condition;
}

namespace tpool::catalog {

// Provider id -> model ids last fetched from it, in its order. A missing provider: never fetched.
using ModelLists = std::map<std::string, std::vector<std::string>>;

// One upstream model at one provider.
struct Route {
  std::size_t provider = 0;                            // index in Pool::providers
  std::string upstream;                                // the name sent to it
  std::shared_ptr<const Facts> facts = {};             // of it there; never null in a pool
  int tier = 0;                                        // smaller goes first, whatever the cost
  std::string rule = {};                               // that placed it; empty: none did
  std::shared_ptr<const config::Condition> when = {};  // null: always
  std::uint32_t slot = 0;  // within an entry, the same for the same provider and upstream model
};

struct Entry {
  enum class Kind { slug, model, alias };
  std::string name;  // what a client sends
  Kind kind = Kind::slug;
  std::string display;               // "DeepSeek / DeepSeek V3.2"
  std::string target;                // of an alias
  std::vector<Route> routes;         // of a slug: exactly one
  std::vector<Route> failover = {};  // who takes over from those, in worse tiers
  std::uint32_t slots = 0;           // distinct places in both
  Facts facts;                       // of a model id: what every route can do
  bool hidden = false;               // routable, but in no list
};

struct Pool {
  std::string revision;
  std::shared_ptr<const config::Config> config;
  std::vector<Resolved> providers;  // enabled and pooled, in order
  std::vector<Entry> entries;       // in the order shown: default first, then the store's order
  std::map<std::string, std::size_t, std::less<>> by_name;

  const Entry* find(std::string_view name) const;
  // The entry for a name with [1m] taken off, and with aliases followed (at most 8 deep).
  const Entry* resolve(std::string_view name) const;
  // "high" of "name-high", where settings.effort_suffix allows it and nothing has the whole name;
  // else empty. resolve() reads such a name as the rest of it.
  std::string_view effort_of(std::string_view name) const;
  // The slug Codex should start with: settings.default_model, else the first listed entry.
  const Entry* default_entry() const;
  // Who serves a name that nobody has; nullptr where the store wants an error, or names a default
  // that is not there itself.
  const Entry* stand_in() const;
  // Why nothing answers to `name`: disabled provider (and how to enable), or nearest names.
  Error explain_unknown(std::string_view name) const;
};

Result<std::shared_ptr<const Pool>> build(std::shared_ptr<const config::Config> config,
                                          const ModelLists& lists, std::string revision,
                                          std::shared_ptr<const FactsBook> book = nullptr);

// A name without a trailing [1m] marker (any case, optional space before it).
struct Named {
  std::string name;
  bool long_context = false;
};
Named strip_marker(std::string_view name);

// Glob with * and ?, or RE2 between slashes; invalid when the expression does not compile.
Result<bool> matches(std::string_view pattern, std::string_view name);

// Ids of a model list in any of the shapes in the wild ({data:[{id}]}, {models:[...]}, plain array
// of strings or objects with id, name or slug); order kept, duplicates removed.
Result<std::vector<std::string>> parse_model_list(std::string_view body);

}  // namespace tpool::catalog
