// The base entry of the installed Codex, kept in the cache directory.
//
// The CLI writes it when it wires or syncs Codex; serve only reads it, so that it never has to run
// Codex itself. Blocking.
#pragma once

#include <string>
#include <string_view>

#include "core/config/paths.hpp"
#include "core/error.hpp"

namespace tpool::connect {

// Empty when none was kept.
std::string kept_entry(const config::Paths& paths);

Result<> keep_entry(const config::Paths& paths, std::string_view entry);

// Where it lies, for who watches it.
std::filesystem::path kept_entry_file(const config::Paths& paths);

}  // namespace tpool::connect
