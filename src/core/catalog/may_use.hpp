// What a client may use of the pool, by the patterns of its entry in the store.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/catalog/pool.hpp"
#include "core/config/config.hpp"

namespace tpool::catalog {

// Whether a client may use a model: its list of patterns says so. Nullptr may use all.
bool may_use(const config::Client* client, std::string_view model);
// Whether a client may use every model there is or will be.
bool may_use_all(const config::Client* client);
// Whether a client may ask for a name: judged as the pool lists it, so without the marker and the
// effort, an alias by its own name. What leads nowhere is judged as it stands.
bool may_ask_for(const config::Client* client, const Pool& pool, std::string_view name);

// How many models of the pool's lists a client is shown.
std::size_t count_listed(const config::Client* client, const Pool& pool);

// The model a client starts with: the pool's default, or else the first listed one it may use.
// Null when there is none.
const Entry* default_for(const config::Client* client, const Pool& pool);

}  // namespace tpool::catalog
