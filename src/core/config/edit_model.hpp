// What the user says of one model of one provider: the `[[provider.model]]` entries.
//
// Pure; any thread.
#pragma once

#include <string>

#include "core/config/config.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::config {

// Adds what `said` names to the entry of its id, or makes one; absent leaves a field as it is. With
// `afresh` what was said before is forgotten first; an entry that then says nothing goes away.
Result<Change> edit_model(Config& config, const std::string& provider, const ProviderModel& said,
                          bool afresh);

}  // namespace tpool::config
