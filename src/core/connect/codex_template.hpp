// What an entry of the installed Codex's own catalog lends to entries of other models.
//
// Its agent instructions, and the small members its version knows and ours does not write; nothing
// that is true of that one model alone. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace tpool::connect {

struct CodexTemplate {
  std::string instructions;                                  // empty: only ours
  std::vector<std::pair<std::string, std::string>> carried;  // member -> JSON text
};

// `text` is one ModelInfo object or empty; `written` names the members the caller writes itself.
Result<CodexTemplate> read_template(std::string_view text,
                                    const std::vector<std::string_view>& written);

}  // namespace tpool::connect
