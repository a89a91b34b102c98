// One client request from its first byte to its last: plan, attempt, judge, next, finish.
//
// Holds everything an attempt needs and what it left behind. The lanes (relay, translate, and the
// built-in echo provider) are coroutines over this value. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json/scan.hpp"
#include "core/protocol/codec.hpp"
#include "core/route/envelope.hpp"
#include "core/route/plan.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/pace.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/session.hpp"
#include "proxy/observe/record.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::exchange {

// One that failed.
struct Tried {
  const route::Deployment* one;  // compared, never followed
  bool rests = false;            // it said when to come back
};

struct Exchange {
  proxy::Services& services;
  std::shared_ptr<const proxy::Snapshot> snapshot;
  net::Inbound& inbound;
  Answer& answer;
  route::Envelope envelope;
  json::Scan scan;
  observe::Record record;
  Instant started;
  // Below the provider's base URL; empty: where its protocol generates.
  std::string_view path = {};

  // Decoded once, when the first attempt has to translate.
  std::unique_ptr<ir::Request> request = {};
  std::vector<ir::Loss> lost = {};  // in decoding, whoever is asked
  bool fresh = false;               // nothing can have changed since the plan was made
  int attempts = 0;
  int after_send = 0;          // attempts that failed with the request sent and nothing back
  int dialect = 0;             // that failed because of one provider's dialect
  int same = 0;                // that are repeated at the same candidate
  route::Position place = {};  // in every line, from its first wait on
  std::optional<TimePoint> in_line_since = {};      // for a slot, while it looks for somebody else
  gate::Permit permit = {};                         // of the attempt that runs
  bool sent = false;                                // some of that attempt's request
  std::optional<Milliseconds> content_within = {};  // the limit of that attempt
  std::vector<Tried> tried = {};
  std::uint64_t verdicts = 0;                           // of the budgets, when the plan was made
  Instant deadline = started + routing().longest_wait;  // for waiting of every kind

  const config::Routing& routing() const { return snapshot->config->routing; }
};

// Runs it to its end; the record is complete then. Never throws for anything a peer can do.
net::Task<> run(Exchange& exchange);

}  // namespace tpool::exchange
