// Runs a client's own program and waits for it, within limits.
//
// The program gets its own process group, no input, and a limit on time and output; afterwards
// nothing of the group runs and nothing is left to reap. Blocking.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace tpool::connect {

struct ChildPlan {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment = {};  // set on top of ours
  std::filesystem::path folder = {};                                  // working directory
  std::chrono::milliseconds limit = std::chrono::seconds(20);
};

struct ChildResult {
  int status = -1;  // exit status; 128 + signal when killed
  std::string out;
  std::string err;
};

// unavailable when it cannot be started or writes more than 16 MiB; timeout past the limit. A
// non-zero status is not an error here.
Result<ChildResult> run_child(const ChildPlan& plan);

}  // namespace tpool::connect
