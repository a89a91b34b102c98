// The client's wish for reasoning in the words one model knows. Any thread.
#pragma once

#include <string>

#include "core/protocol/codec.hpp"

namespace tpool::protocol {

// The provider's word for `effort`: the dialect's map first, then the nearest effort the model has
// (the lower one of two), where it is known which it has. Empty: nothing is to be said.
std::string fitting_effort(const std::string& effort, const Target& target);

}  // namespace tpool::protocol
