// What several models can all do, or one model at several providers. Pure; any thread.
#pragma once

#include "core/catalog/facts.hpp"

namespace tpool::catalog {

// Keeps in `all` only what `other` can do too: the smaller limit, the common words, a price on
// which both agree. What one does not know is unknown of both.
void narrow(Facts& all, const Facts& other);

}  // namespace tpool::catalog
