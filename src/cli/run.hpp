// The whole program but for main(): parse, run, and turn the Result into output and exit code.
#pragma once

#include <string>
#include <vector>

namespace tpool::cli {

// `words`: argv without the program's name. The exit code is that of cli/exit_code.hpp.
int run(const std::vector<std::string>& words);

}  // namespace tpool::cli
