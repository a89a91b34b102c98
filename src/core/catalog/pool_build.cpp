#include <algorithm>
#include <map>

#include "core/catalog/listing.hpp"
#include "core/catalog/narrow.hpp"
#include "core/catalog/placement.hpp"
#include "core/catalog/pool.hpp"
#include "core/catalog/rules.hpp"
#include "core/catalog/shown.hpp"
#include "core/catalog/succession.hpp"

namespace tpool::catalog {
namespace {

constexpr int deepest_alias = 8;
// Codex looks this one up for its own reviews; nobody picks it.
constexpr std::string_view background_alias = "codex-auto-review";

class Builder {
 public:
  Builder(std::shared_ptr<const config::Config> config, const ModelLists& lists,
          std::string revision, std::shared_ptr<const FactsBook> book)
      : lists_(lists), book_(std::move(book)) {
    pool_.config = std::move(config);
    pool_.revision = std::move(revision);
  }

  Result<std::shared_ptr<const Pool>> build() {
    if (auto added = add_providers(); !added) return added.error();
    if (auto added = add_aliases(); !added) return added.error();
    if (auto added = add_failover(pool_, *placement_); !added) return added.error();
    if (auto hidden = hide(pool_); !hidden) return hidden.error();
    make_displays_unique(pool_);
    put_default_first(pool_);
    return std::make_shared<const Pool>(std::move(pool_));
  }

 private:
  Result<> add_providers() {
    for (const auto& provider : pool_.config->providers) {
      if (!provider.enabled || !provider.pooled) continue;
      auto resolved = resolve(provider, pool_.config->routing);
      if (!resolved) return resolved.error();
      resolved->book = book_;
      auto exclude = compile(provider.exclude, "provider " + provider.id + ", exclude");
      if (!exclude) return exclude.error();
      Offer offer;
      offer.listings = list_models(provider, lists_, *exclude);
      offer.exclude = std::move(*exclude);
      for (const auto& listing : offer.listings)
        offer.facts.push_back(std::make_shared<const Facts>(facts_of(listing, *resolved)));
      pool_.providers.push_back(std::move(*resolved));
      offers_.push_back(std::move(offer));
    }
    placement_.emplace(*pool_.config, pool_.providers, offers_, book_.get());
    if (auto added = add_models(); !added) return added.error();
    for (std::size_t i = 0; i < offers_.size(); ++i)
      for (std::size_t k = 0; k < offers_[i].listings.size(); ++k)
        if (auto added = add_slug(i, k); !added) return added.error();
    return {};
  }

  Result<> add_slug(std::size_t provider, std::size_t place) {
    const auto& resolved = pool_.providers[provider];
    const auto& listing = offers_[provider].listings[place];
    const auto& facts = offers_[provider].facts[place];
    Entry entry;
    entry.name = resolved.id + "/" + listing.id;
    entry.facts = *facts;
    entry.display =
        resolved.name + " / " + (entry.facts.name.empty() ? listing.id : entry.facts.name);
    if (listing.long_context) entry.display += long_context_mark;
    entry.routes.push_back({provider, listing.upstream, facts});
    entry.hidden = listing.hidden;
    return add(std::move(entry));
  }

  // What leads nowhere is not in the pool: explain_unknown says which rules were tried.
  Result<> add_models() {
    for (const auto& model : pool_.config->models) {
      if (model.disabled) continue;
      auto routes = placement_->routes(model);
      if (!routes) return routes.error();
      if (routes->empty()) continue;
      Entry entry;
      entry.kind = Entry::Kind::model;
      entry.name = strip_marker(model.id).name;
      entry.hidden = model.hidden;
      entry.routes = std::move(*routes);
      entry.facts = *entry.routes.front().facts;
      // A client compacts by this window: a prompt that fits the smallest can run, and fail over,
      // at every route; by a larger one the smaller routes would be lost in mid-conversation.
      for (const auto& route : entry.routes) narrow(entry.facts, *route.facts);
      entry.facts.developer = developer_of(model, book_.get());
      entry.display = entry.facts.name.empty() ? entry.name : entry.facts.name;
      if (std::ranges::all_of(entry.routes, [&](const Route& one) { return is_long(one); }))
        entry.display += long_context_mark;
      if (auto added = add(std::move(entry)); !added) return added.error();
    }
    return {};
  }

  bool is_long(const Route& route) const {
    return std::ranges::any_of(offers_[route.provider].listings, [&](const Listing& one) {
      return one.long_context && one.upstream == route.upstream;
    });
  }

  Result<> add_aliases() {
    std::map<std::string, const config::Alias*, std::less<>> aliases;
    for (const auto& alias : pool_.config->aliases)
      aliases.emplace(strip_marker(alias.name).name, &alias);
    std::vector<Entry> ready;
    for (const auto& alias : pool_.config->aliases) {
      auto target = strip_marker(alias.target).name;
      int depth = 0;
      for (auto next = aliases.find(target); next != aliases.end() && !pool_.find(target);
           next = aliases.find(target)) {
        if (++depth == deepest_alias)
          return invalid(
              "alias " + alias.name + " leads through more than 8 aliases, or in a circle",
              "point it at a slug or a model");
        target = strip_marker(next->second->target).name;
      }
      const auto* entry = pool_.find(target);
      // What it leads to is switched off or gone, which is a state and not a mistake.
      if (!entry) continue;
      Entry added = *entry;
      added.kind = Entry::Kind::alias;
      added.name = strip_marker(alias.name).name;
      added.display = added.name;
      added.target = target;
      added.hidden = alias.hidden || added.name == background_alias;
      ready.push_back(std::move(added));
    }
    for (auto& entry : ready)
      if (auto added = add(std::move(entry)); !added) return added.error();
    for (const auto& alias : pool_.config->aliases)
      if (auto added = add_former_slugs(alias); !added) return added.error();
    return {};
  }

  // "old/*" for "new/*": what a renamed provider's slugs were called. Whoever has such a name by
  // itself keeps it.
  Result<> add_former_slugs(const config::Alias& alias) {
    if (!alias.name.ends_with("/*") || !alias.target.ends_with("/*")) return {};
    const auto before = alias.name.substr(0, alias.name.size() - 1);
    const auto now = alias.target.substr(0, alias.target.size() - 1);
    const auto count = pool_.entries.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (pool_.entries[i].kind != Entry::Kind::slug || !pool_.entries[i].name.starts_with(now))
        continue;
      Entry added = pool_.entries[i];
      added.name = before + added.name.substr(now.size());
      if (pool_.find(added.name)) continue;
      added.kind = Entry::Kind::alias;
      added.display = added.name;
      added.target = pool_.entries[i].name;
      added.hidden = added.hidden || alias.hidden;
      if (auto done = add(std::move(added)); !done) return done.error();
    }
    return {};
  }

  Result<> add(Entry entry) {
    const auto [place, fresh] = pool_.by_name.emplace(entry.name, pool_.entries.size());
    if (!fresh) {
      const auto& other = pool_.entries[place->second];
      return conflict(
          "the name " + entry.name + " is both " + kind_of(other) + " and " + kind_of(entry),
          "rename or remove one of them (tpool config edit)");
    }
    pool_.entries.push_back(std::move(entry));
    return {};
  }

  static std::string kind_of(const Entry& entry) {
    switch (entry.kind) {
      case Entry::Kind::slug: return "a slug";
      case Entry::Kind::model: return "a model";
      case Entry::Kind::alias: return "an alias of " + entry.target;
    }
    return "an entry";
  }

  const ModelLists& lists_;
  std::shared_ptr<const FactsBook> book_;
  std::vector<Offer> offers_;  // of each of the pool's providers
  std::optional<Placement> placement_;
  Pool pool_;
};

}  // namespace

Result<std::shared_ptr<const Pool>> build(std::shared_ptr<const config::Config> config,
                                          const ModelLists& lists, std::string revision,
                                          std::shared_ptr<const FactsBook> book) {
  return Builder(std::move(config), lists, std::move(revision), std::move(book)).build();
}

}  // namespace tpool::catalog
