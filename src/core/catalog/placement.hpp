// Where a model may run: the step from rules and listings to the routes of an entry.
//
// Worked out once, when the pool is built. Conditions are compiled here and asked per request;
// what follows an unconditional route to the same place is dropped here already. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/listing.hpp"
#include "core/catalog/pool.hpp"
#include "core/error.hpp"

namespace tpool::catalog {

// What one provider of the pool offers.
struct Offer {
  std::vector<Listing> listings;
  std::vector<std::shared_ptr<const Facts>> facts;  // of each listing
  Patterns exclude;
};

class Placement {
 public:
  // All of them outlive it.
  Placement(const config::Config& config, const std::vector<Resolved>& providers,
            const std::vector<Offer>& offers, const FactsBook* book);

  // By its effective rules, or without any at every provider that lists its id, unless `fallback`
  // is off. Empty when they lead nowhere.
  Result<std::vector<Route>> routes(const config::Model& model) const;
  // At every provider that lists the id.
  std::vector<Route> everywhere(std::string_view id) const;

 private:
  struct Place {
    std::size_t provider;
    std::size_t listing;
  };

  void add_rule(const config::Rule& rule, const std::string& model, std::size_t provider,
                const Pattern* pattern, std::vector<Route>& routes) const;
  Route route_to(Place place) const;

  const config::Config& config_;
  const std::vector<Resolved>& providers_;
  const std::vector<Offer>& offers_;
  const FactsBook* book_;
  std::map<std::string_view, std::vector<Place>> by_id_;
};

// Who may take over from what runs at `routes`, as the store says for it: worse tiers than theirs.
// `named` gives the routes of a name in a list of slugs.
struct Successors {
  const config::Failover* failover = nullptr;  // null: keys
  std::vector<Route> same_model = {};
  std::vector<std::vector<Route>> listed = {};
};
std::vector<Route> routes_after(const std::vector<Route>& routes, const Successors& successors);

// Numbers the distinct places (provider and upstream model) of an entry's routes and drops those
// that an earlier one without a condition makes needless.
void number_slots(Entry& entry);

}  // namespace tpool::catalog
