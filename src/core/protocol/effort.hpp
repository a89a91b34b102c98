// The client's wish for reasoning in the words one model knows. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/protocol/codec.hpp"

namespace tpool::protocol {

// Whether this is a word for an effort at all.
bool is_effort(std::string_view word);

// Whether a provider's word for an effort means that there is to be no reasoning.
bool is_off(std::string_view word);

// The provider's word for `effort`: the dialect's map first, then the nearest effort the model has
// (the lower one of two), where it is known which it has. Empty: nothing is to be said, as for
// "none" where the model does not know that word, and for any where it does not reason.
std::string fitting_effort(const std::string& effort, const Target& target);

// Counts the wish for an effort that finds no model which reasons.
void count_idle_effort(const ir::Request& request, const Target& target,
                       std::vector<ir::Loss>& losses);

// Whether reasoning is to be shown, by a model that does.
bool wants_summary(const ir::Request& request, const Target& target);

}  // namespace tpool::protocol
