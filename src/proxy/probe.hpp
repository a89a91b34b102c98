// Real calls to one provider, outside any running serve: does it answer, and what can it do?
//
// A one-token answer and, when asked, one tool call per model. Costs the user a few tokens. Blocks;
// any thread but an I/O one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/error.hpp"
#include "core/types.hpp"

namespace tpool::proxy {

struct ProbeOptions {
  bool tools = true;
  Milliseconds limit{30'000};  // per call
};

struct ModelProbe {
  std::string model;
  bool ok = false;
  std::string error;  // the cause in one sentence when not ok
  bool unauthorized = false;
  bool streaming = false;
  bool tools = false;
  bool usage = false;
  std::int64_t first_event_ms = 0;
  std::int64_t total_ms = 0;
};

struct ProbeReport {
  std::string protocol;
  std::vector<ModelProbe> models;
};

// not_found for an unknown provider, unavailable when its secret cannot be read. A failed call is
// not an Error but a ModelProbe that says why.
Result<ProbeReport> probe(const config::Config& config, const std::string& provider,
                          const std::vector<std::string>& models, const ProbeOptions& options);

}  // namespace tpool::proxy
