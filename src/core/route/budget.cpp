#include "core/route/budget.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tpool::route {
namespace {

// Of budgets removed in one day; somebody who removes more makes them by program.
constexpr std::size_t most_aside = 256;

bool is_of(const config::Budget& budget, std::string_view scope, std::string_view name) {
  return budget.scope == scope && budget.name.value_or("") == name;
}

}  // namespace

std::string Budgets::Row::name() const {
  return budget.name ? budget.scope + " " + *budget.name : budget.scope;
}

void Budgets::configure(const config::Config& config) {
  for (auto& row : rows_)
    if (row.spent != Spent())
      aside_.push_back({row.budget.scope, row.budget.name.value_or(""), row.spent});
  rows_.clear();
  for (const auto& budget : config.budgets)
    rows_.push_back({budget, take_aside(budget.scope, budget.name.value_or(""))});
  if (aside_.size() > most_aside)
    aside_.erase(aside_.begin(), aside_.end() - static_cast<std::ptrdiff_t>(most_aside));
  ++verdicts_;
}

Spent Budgets::take_aside(std::string_view scope, std::string_view name) {
  const auto found = std::ranges::find_if(
      aside_, [&](const KeptSpending::Row& row) { return row.scope == scope && row.name == name; });
  if (found == aside_.end()) return {};
  const auto spent = found->spent;
  aside_.erase(found);
  return spent;
}

void Budgets::turn(const Day& day) {
  day_ = day;
  aside_.clear();
  for (auto& row : rows_) row.spent = {};
  ++changes_;
}

void Budgets::spend(const Bearer& bearer, std::string_view provider, std::string_view upstream,
                    std::optional<double> usd) {
  if (usd && !(std::isfinite(*usd) && *usd >= 0)) usd.reset();
  for (auto& row : rows_) {
    if (!reach_of(row.budget, bearer).covers(provider, upstream)) continue;
    const bool before = row.is_spent();
    if (usd)
      row.spent.usd += *usd;
    else
      ++row.spent.unpriced;
    if (row.is_spent() != before) ++verdicts_;
    ++changes_;
  }
}

KeptSpending Budgets::kept() const {
  KeptSpending kept{day_, aside_};
  for (const auto& row : rows_)
    if (row.spent != Spent())
      kept.rows.push_back({row.budget.scope, row.budget.name.value_or(""), row.spent});
  return kept;
}

void Budgets::restore(const KeptSpending& kept, TimePoint now) {
  if (!kept.day.holds(now)) return;
  turn(kept.day);
  for (const auto& one : kept.rows) {
    const auto row = std::ranges::find_if(
        rows_, [&](const Row& each) { return is_of(each.budget, one.scope, one.name); });
    if (row != rows_.end())
      row->spent = one.spent;
    else if (aside_.size() < most_aside)
      aside_.push_back(one);
  }
  ++verdicts_;
}

bool Reach::covers(std::string_view at, std::string_view model) const {
  switch (of) {
    case Of::none: return false;
    case Of::all: return true;
    case Of::provider: return provider == at;
    case Of::place: return provider == at && upstream == model;
  }
  return false;
}

Reach reach_of(const config::Budget& budget, const Bearer& bearer) {
  if (budget.scope == "total") return {Reach::Of::all};
  if (!budget.name) return {};
  const std::string_view name = *budget.name;
  if (budget.scope == "provider") return {Reach::Of::provider, name};
  if (budget.scope == "client") return {name == bearer.client ? Reach::Of::all : Reach::Of::none};
  const auto* entry = bearer.pool.resolve(name);
  if (!entry) return {};
  if (entry == bearer.entry) return {Reach::Of::all};
  if (entry->kind != catalog::Entry::Kind::slug || entry->routes.empty()) return {};
  const auto& route = entry->routes.front();
  return {Reach::Of::place, bearer.pool.providers[route.provider].id, route.upstream};
}

std::string dollars(double usd) {
  char text[40];
  // Little ones have their worth behind the cents.
  const auto whole = std::round(usd * 100);
  const bool cents = usd >= 1 || usd == 0 || (whole >= 1 && std::abs(usd * 100 - whole) < 1e-6);
  std::snprintf(text, sizeof text, cents ? "$%.2f" : "$%.4g", usd);
  return text;
}

}  // namespace tpool::route
