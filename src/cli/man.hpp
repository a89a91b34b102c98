// The manual page tpool.1, made from the command tree. Pure.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace tpool::cli {

std::string man_page(const Command& root);

}  // namespace tpool::cli
