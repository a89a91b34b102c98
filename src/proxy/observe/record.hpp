// What we remember of an exchange. Plain values; built on the I/O thread, then handed over whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ir/event.hpp"
#include "core/ir/loss.hpp"
#include "core/route/plan.hpp"
#include "core/types.hpp"

namespace tpool::observe {

struct Attempt {
  std::string provider;
  std::string key;
  std::string model;
  Lane lane = Lane::relay;
  int status = 0;
  std::string failure_class;  // ir::Failure::Kind as text, empty when it served
  std::string reason;
  std::optional<std::int64_t> first_byte_ms;
  std::int64_t duration_ms = 0;
};

struct Record {
  std::string id;
  TimePoint time;
  std::string client;
  std::string protocol;
  std::string requested;
  std::optional<std::size_t> served;  // index into attempts
  route::Plan plan;
  std::vector<Attempt> attempts;
  std::vector<ir::Loss> losses;
  std::optional<ir::Usage> usage;
  std::optional<double> cost_usd;
  std::string price_date;
  std::optional<std::int64_t> first_event_ms;
  std::int64_t duration_ms = 0;
  std::string outcome;  // served | failed | cancelled | cut
  std::string error;
  int status = 0;
};

// UTC with milliseconds.
std::string rfc3339(TimePoint time);

// As `requests show --json` prints it.
std::string to_json(const Record& record);

}  // namespace tpool::observe
