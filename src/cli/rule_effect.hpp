// Why a rule has no effect where it stands.
//
// Told by what places models: the effective rules, and a pool in which the rule stands alone, so
// that what it leads to by itself is seen apart from what another rule took before it.
#pragma once

#include <string>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/paths.hpp"

namespace tpool::cli {

// The models a rule places somewhere, in the pool's order.
std::vector<std::string> models_of(const catalog::Pool& pool, const config::Rule& rule);

// `rule` is one of the pool's own Config that places nothing. The rest of a sentence.
std::string why_idle(const config::Paths& paths, const catalog::Pool& pool,
                     const config::Rule& rule);

}  // namespace tpool::cli
