// Help for any command of the tree, examples first. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace tpool::cli {

// `path` from the root; the last one is explained.
std::string help_text(const std::vector<const Command*>& path, const Output& out);

// "tpool provider add [NAME_OR_PRESET] [options]"
std::string usage_line(const std::vector<const Command*>& path);

// "-y, --yes" or "--key-env VAR".
std::string option_head(const Option& option);

// The examples of a command as they are typed; a line that names tpool itself stays as it is.
std::string example_line(const Example& example);

}  // namespace tpool::cli
