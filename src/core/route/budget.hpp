// What was spent of each budget today, and which of them bear on a request.
//
// Fed with dollars by place and client; a day is two moments that turn() is told. A budget that is
// removed and made again on the same day goes on where it was. What has no known cost is counted as
// unpriced and never guessed. Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/config.hpp"
#include "core/route/day.hpp"
#include "core/types.hpp"

namespace tpool::route {

struct Spent {
  double usd = 0;
  std::uint64_t unpriced = 0;  // requests whose cost nobody knows

  bool operator==(const Spent&) const = default;
};

// A day's spending, as it is kept over a restart.
struct KeptSpending {
  struct Row {
    std::string scope;
    std::string name;
    Spent spent;
  };
  Day day = {};
  std::vector<Row> rows = {};
};

// Who asks, and what for.
struct Bearer {
  const catalog::Pool& pool;
  const catalog::Entry* entry = nullptr;  // what the name in the request leads to
  std::string_view client = {};
};

class Budgets {
 public:
  struct Row {
    config::Budget budget;
    Spent spent;

    bool is_spent() const { return spent.usd >= budget.usd_per_day.value_or(0); }
    // "total", "provider deepseek"
    std::string name() const;
  };

  // Takes up what the store says; what was spent stays with its scope and name.
  void configure(const config::Config& config);
  bool none() const { return rows_.empty(); }

  // Another day begins, of which nothing is spent.
  void turn(const Day& day);
  const Day& day() const { return day_; }

  // An attempt at a model of a provider, under the name sent to it, has cost so much; nullopt:
  // nobody knows. It belongs to the day that turn() named last.
  void spend(const Bearer& bearer, std::string_view provider, std::string_view upstream,
             std::optional<double> usd);

  // In the store's order; those of a day that is over are the caller's to turn first.
  const std::vector<Row>& rows() const { return rows_; }

  // Rises with every change that is worth keeping.
  std::uint64_t changes() const { return changes_; }
  // Rises when a plan made before may not hold any more: a budget is spent, or they are others.
  std::uint64_t verdicts() const { return verdicts_; }

  KeptSpending kept() const;
  // Nothing, unless `now` is of the day that was kept.
  void restore(const KeptSpending& kept, TimePoint now);

 private:
  Spent take_aside(std::string_view scope, std::string_view name);

  std::vector<Row> rows_;
  std::vector<KeptSpending::Row> aside_;  // of budgets that the store has no more
  Day day_ = {};
  std::uint64_t changes_ = 0;
  std::uint64_t verdicts_ = 0;
};

// Which candidates of a request a budget is about.
struct Reach {
  enum class Of { none, all, provider, place } of = Of::none;
  std::string_view provider = {};
  std::string_view upstream = {};

  bool covers(std::string_view at, std::string_view model) const;
};

// A budget of a model is about what is asked for under its name, aliases followed; where the name
// is a slug also about all else that runs there, whatever it was asked for as.
Reach reach_of(const config::Budget& budget, const Bearer& bearer);

// "$20.13", "$0.50", "$0.0042"
std::string dollars(double usd);

}  // namespace tpool::route
