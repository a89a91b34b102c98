// Where every exchange ends: counted, logged once, and the last fifty kept. I/O thread only.
#pragma once

#include <boost/circular_buffer.hpp>
#include <memory>

#include "proxy/observe/record.hpp"

namespace tpool {
namespace proxy {
struct Snapshot;
}
namespace observe {

struct Counters {
  std::uint64_t requests = 0;
  std::uint64_t served = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t attempts = 0;
  std::int64_t in_flight = 0;
};

class Observer {
 public:
  void started() { ++counters_.in_flight; }
  // `pinned` keeps alive what the record's plan points into.
  void finished(Record&& record, std::shared_ptr<const proxy::Snapshot> pinned);
  const Counters& counters() const { return counters_; }

  struct Kept {
    Record record;
    std::shared_ptr<const proxy::Snapshot> pinned;
  };
  using Recent = boost::circular_buffer<Kept>;
  const Recent& recent() const { return recent_; }

 private:
  Counters counters_;
  static constexpr std::size_t kept = 50;
  Recent recent_{kept};
};

}  // namespace observe
}  // namespace tpool
