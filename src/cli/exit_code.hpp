// Error code -> process exit code. The same table stands in tpool(1).
#pragma once

#include "core/error.hpp"

namespace tpool::cli {

constexpr int exit_code(Code code) {
  switch (code) {
    case Code::invalid: return 2;
    case Code::not_found: return 3;
    case Code::conflict: return 4;
    case Code::unauthorized: return 5;
    case Code::unavailable: return 6;
    case Code::timeout: return 7;
    case Code::cancelled: return 130;
    case Code::corrupt:
    case Code::internal: return 1;
  }
  return 1;
}

}  // namespace tpool::cli
