// What a command that prints a secret prints.
//
// Runs argv without a shell, in its own process group, with no input and its complaints dropped;
// after `limit` the group is killed. At most 64 KiB are taken. Errors name the command's first
// word only. Blocking.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace tpool::config {

Result<std::string> command_output(const std::vector<std::string>& argv,
                                   std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace tpool::config
