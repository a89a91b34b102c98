// Fingerprints of a request's prompt: what two requests with the same beginning have in common.
//
// The first boundary covers tools, tool_choice and the instructions; each further one adds one
// message or item, byte for byte. The model is not in it: what is remembered by a fingerprint is
// remembered per key and model. One pass over bytes that were checked before; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/scan.hpp"
#include "core/route/envelope.hpp"

namespace tpool::route {

struct Fingerprints {
  std::vector<Boundary> prompt;  // shortest first
  double life_s = 300;           // how long a provider's cache keeps it
};

// `scan` is that of `body`; `usual_life_s` holds where the body asks for no longer one. Long
// conversations keep their first and last boundaries.
Fingerprints fingerprint(const json::Scan& scan, std::string_view body, double usual_life_s = 300);

}  // namespace tpool::route
