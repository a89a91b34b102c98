// Tool calls and their results: who belongs to whom, and ids a provider accepts.
//
// Call ids come from models and clients: empty, repeated in later rounds, too long. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/ir/request.hpp"

namespace tpool::protocol {

inline constexpr std::size_t no_match = static_cast<std::size_t>(-1);

// For each call the index of its result, for each result that of its call; no_match elsewhere. A
// result answers the first unanswered call of its id in the latest round that has one; a call still
// open when its id comes again in a later round stays open.
std::vector<std::size_t> match_results(const std::vector<ir::Item>& items);

// `id`, or a stand-in of `most` letters and digits when it is longer; 0 is no limit. The same id
// gives the same result, so that calls and results stay together from turn to turn.
std::string fitted_id(const std::string& id, std::size_t most);

// An id unlike those in `taken`: of exactly `length` letters and digits unless that is 0, else
// fitted to `most`. The same id gives the same result.
std::string wire_id(const std::string& id, const std::unordered_set<std::string>& taken,
                    std::size_t length, std::size_t most = 0);

}  // namespace tpool::protocol
