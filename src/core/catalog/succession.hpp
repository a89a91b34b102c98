// Who takes over from whom: the failover of every entry of a pool.
//
// A step of building a pool, once every slug and model has its routes. Any thread, on a pool nobody
// else has yet.
#pragma once

#include "core/catalog/placement.hpp"
#include "core/catalog/pool.hpp"
#include "core/error.hpp"

namespace tpool::catalog {

// Fills in `failover` and the slots of all entries but aliases.
Result<> add_failover(Pool& pool, const Placement& placement);

}  // namespace tpool::catalog
