// Which rules place a model: its own, and those its developer's models inherit.
//
// The one answer for everybody: the pool is built from it, and lists, counts, previews and
// `route explain` read the pool. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "core/catalog/facts.hpp"
#include "core/config/config.hpp"

namespace tpool::catalog {

struct Pool;

struct EffectiveRule {
  const config::Rule* rule = nullptr;  // of the Config given
  bool inherited = false;
};

// Those that are switched on, by priority, own before inherited, then as declared. A model with
// inherit = false has its own only.
std::vector<EffectiveRule> effective_rules(const config::Config& config, const config::Model& model,
                                           const std::string& developer);

// Who made it: what the store says, else what is known of the id, else its vendor/ half.
std::string developer_of(const config::Model& model, const FactsBook* book);

// "rule big-prompts (priority 10, when stream)", for people.
std::string describe(const config::Rule& rule);

// Why a rule leads a model nowhere, as the rest of a sentence: "provider x lists no m".
std::string fruitless(const Pool& pool, const config::Model& model, const config::Rule& rule);

}  // namespace tpool::catalog
