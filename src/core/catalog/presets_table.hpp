// The known providers themselves. Read by catalog/presets alone.
#pragma once

#include <span>

#include "core/catalog/presets.hpp"

namespace tpool::catalog {

std::span<const Preset> preset_table();

}  // namespace tpool::catalog
