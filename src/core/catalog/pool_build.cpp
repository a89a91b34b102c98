#include <algorithm>
#include <map>

#include "core/catalog/listing.hpp"
#include "core/catalog/pool.hpp"

namespace tpool::catalog {
namespace {

constexpr int deepest_alias = 8;
constexpr std::string_view long_context_mark = " [1m]";
// Codex looks this one up for its own reviews; nobody picks it.
constexpr std::string_view background_alias = "codex-auto-review";

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

// Keeps in `all` only what `other` can do too.
void narrow(Facts& all, const Facts& other) {
  const auto smaller = [](auto& mine, const auto& theirs) {
    if (!mine || !theirs)
      mine.reset();
    else
      mine = std::min(*mine, *theirs);
  };
  const auto agreed = [](auto& mine, const auto& theirs) {
    if (mine != theirs) mine.reset();
  };
  const auto common = [](std::vector<std::string>& mine, const std::vector<std::string>& theirs) {
    std::erase_if(mine, [&](const std::string& item) {
      return std::find(theirs.begin(), theirs.end(), item) == theirs.end();
    });
  };
  smaller(all.context, other.context);
  smaller(all.output, other.output);
  smaller(all.tool_call, other.tool_call);
  smaller(all.reasoning, other.reasoning);
  common(all.input, other.input);
  common(all.efforts, other.efforts);
  if (std::find(all.efforts.begin(), all.efforts.end(), all.default_effort) == all.efforts.end())
    all.default_effort.clear();
  agreed(all.cost.input, other.cost.input);
  agreed(all.cost.output, other.cost.output);
  agreed(all.cost.cache_read, other.cost.cache_read);
  agreed(all.cost.cache_write, other.cost.cache_write);
  if (all.price_date != other.price_date) all.price_date.clear();
}

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
    if (auto hidden = hide(); !hidden) return hidden.error();
    make_displays_unique();
    put_default_first();
    return std::make_shared<const Pool>(std::move(pool_));
  }

 private:
  Result<> add_providers() {
    std::vector<std::vector<Listing>> listings;
    for (const auto& provider : pool_.config->providers) {
      if (!provider.enabled || !provider.pooled) continue;
      auto resolved = resolve(provider);
      if (!resolved) return resolved.error();
      resolved->book = book_;
      auto exclude = compile(provider.exclude, "provider " + provider.id + ", exclude");
      if (!exclude) return exclude.error();
      pool_.providers.push_back(std::move(*resolved));
      listings.push_back(list_models(provider, lists_, *exclude));
    }
    if (auto added = add_models(listings); !added) return added.error();
    for (std::size_t i = 0; i < listings.size(); ++i)
      for (const auto& listing : listings[i])
        if (auto added = add_slug(i, listing); !added) return added.error();
    return {};
  }

  Result<> add_slug(std::size_t provider, const Listing& listing) {
    const auto& resolved = pool_.providers[provider];
    Entry entry;
    entry.name = resolved.id + "/" + listing.id;
    entry.facts = facts_of(listing, resolved);
    entry.display =
        resolved.name + " / " + (entry.facts.name.empty() ? listing.id : entry.facts.name);
    if (listing.long_context) entry.display += long_context_mark;
    entry.routes.push_back(
        {provider, listing.upstream, std::make_shared<const Facts>(entry.facts)});
    entry.hidden = listing.hidden;
    return add(std::move(entry));
  }

  Result<> add_models(const std::vector<std::vector<Listing>>& listings) {
    for (const auto& model : pool_.config->models) {
      // Without a rule, `fallback = false` leaves a model nowhere to run: explain_unknown says so.
      if (model.disabled || !model.fallback) continue;
      Entry entry;
      entry.kind = Entry::Kind::model;
      entry.name = strip_marker(model.id).name;
      entry.hidden = model.hidden;
      bool long_context = true;
      for (std::size_t i = 0; i < listings.size(); ++i) {
        for (const auto& listing : listings[i]) {
          if (listing.id != entry.name) continue;
          auto facts = std::make_shared<const Facts>(facts_of(listing, pool_.providers[i]));
          if (entry.routes.empty())
            entry.facts = *facts;
          else
            narrow(entry.facts, *facts);
          entry.routes.push_back({i, listing.upstream, std::move(facts)});
          long_context = long_context && listing.long_context;
        }
      }
      if (entry.routes.empty()) continue;
      if (model.developer) entry.facts.developer = *model.developer;
      entry.display = entry.facts.name.empty() ? entry.name : entry.facts.name;
      if (long_context) entry.display += long_context_mark;
      if (auto added = add(std::move(entry)); !added) return added.error();
    }
    return {};
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

  Result<> hide() {
    auto patterns = compile(pool_.config->pool.hide, "pool.hide");
    if (!patterns) return patterns.error();
    for (auto& entry : pool_.entries)
      if (any_matches(*patterns, entry.name)) entry.hidden = true;
    return {};
  }

  // Two lines of a picker must not read the same: the ids say which is which.
  void make_displays_unique() {
    std::map<std::string, int> seen;
    for (const auto& entry : pool_.entries) ++seen[entry.display];
    for (auto& entry : pool_.entries) {
      if (seen[entry.display] < 2) continue;
      const bool marked = entry.display.ends_with(long_context_mark);
      if (entry.kind == Entry::Kind::slug) {
        const auto& provider = pool_.providers[entry.routes.front().provider];
        const auto model = entry.name.substr(provider.id.size() + 1);
        const bool shared_name =
            std::count_if(pool_.providers.begin(), pool_.providers.end(),
                          [&](const Resolved& one) { return one.name == provider.name; }) > 1;
        entry.display =
            provider.name + (shared_name ? " (" + provider.id + ")" : "") + " / " + model;
      } else {
        entry.display = entry.name;
      }
      if (marked) entry.display += long_context_mark;
    }
  }

  void put_default_first() {
    if (const auto* first = pool_.default_entry()) {
      const auto place = pool_.entries.begin() + (first - pool_.entries.data());
      std::rotate(pool_.entries.begin(), place, place + 1);
    }
    pool_.by_name.clear();
    for (std::size_t i = 0; i < pool_.entries.size(); ++i)
      pool_.by_name.emplace(pool_.entries[i].name, i);
  }

  const ModelLists& lists_;
  std::shared_ptr<const FactsBook> book_;
  Pool pool_;
};

}  // namespace

Result<std::shared_ptr<const Pool>> build(std::shared_ptr<const config::Config> config,
                                          const ModelLists& lists, std::string revision,
                                          std::shared_ptr<const FactsBook> book) {
  return Builder(std::move(config), lists, std::move(revision), std::move(book)).build();
}

}  // namespace tpool::catalog
