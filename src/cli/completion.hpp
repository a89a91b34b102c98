// What a shell may offer next, asked by the shims in completions/.
//
// Never fails and never writes: a store that cannot be read offers nothing of its own.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace tpool::cli {

struct Candidate {
  std::string word;
  std::string help;
};

// `words`: what was typed after `tpool`; the last one, maybe empty, is being completed. A sole
// candidate "@files" or "@folders" asks the shell for its own.
std::vector<Candidate> complete(const Command& root, const std::vector<std::string>& words);

}  // namespace tpool::cli
