// One call to one provider outside any running serve, whole and within a limit: what probes and
// fetches are made of.
//
// Blocking; any thread but an I/O one. A Caller is used by one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "core/catalog/presets.hpp"
#include "core/error.hpp"
#include "proxy/net/call.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::proxy {

// A provider as a probe sees it: outside any pool, with its first usable key.
struct Subject {
  catalog::Resolved provider;
  Destination destination;
};

// not_found for an unknown provider, unavailable when its secret cannot be read.
Result<Subject> subject(const config::Config& config, const std::string& id);

// An answer longer than this is cut there.
inline constexpr std::size_t most_body = std::size_t{16} << 20;

// One call and its answer, whole, within a limit.
struct Reply {
  int status = 0;
  std::string body;
  std::string error;  // why there is none
  std::int64_t first_byte_ms = 0;
};

class Caller {
 public:
  Caller() : alarms_(io_), poller_(io_), connections_(io_, poller_) { alarms_.arm(alarm_); }

  Reply call(const Subject& subject, std::string_view method, const std::string& path,
             const std::string& extra, std::string_view body, Milliseconds limit);

 private:
  net::Task<> run(const Subject& subject, std::string_view method, std::string path,
                  std::string extra, std::string_view body, Milliseconds limit, Reply& reply);

  net::Io io_;
  net::Alarms alarms_;
  net::Poller poller_;
  net::Connections connections_;
  net::Alarm alarm_;
};

}  // namespace tpool::proxy
