// Command line -> a command of the tree and its arguments. The only door to CLI11.
//
// Global options may stand anywhere. A noun without a verb means its default verb. Every mistake is
// `invalid` and names the nearest spelling; an argument that looks like a secret is refused without
// repeating it.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/command.hpp"

namespace tpool::cli {

struct Parsed {
  std::vector<const Command*> path;  // root first
  Arguments arguments;
  bool help = false;     // --help was given, or the path ends in a group
  bool version = false;  // `tpool --version`
};

// `words`: argv without the program's name.
Result<Parsed> parse(const Command& root, const std::vector<std::string>& words);

}  // namespace tpool::cli
