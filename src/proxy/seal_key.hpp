// The key that proves tokens given to clients came from this store; see protocol/seal. Blocking.
#pragma once

#include <string>

#include "core/config/paths.hpp"

namespace tpool::proxy {

// Kept in the state directory, made at first use. Where it can be neither read nor written, one
// that lasts as long as the process: tokens of earlier runs are then dropped, nothing worse.
std::string seal_key(const config::Paths& paths);

}  // namespace tpool::proxy
