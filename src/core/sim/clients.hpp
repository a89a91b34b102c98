// Those who ask: sessions at their seats, each with its next call once the last one has ended.
//
// What a proxy would know of a call is put into its envelope. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/sim/job.hpp"

namespace tpool::sim {

class Clients {
 public:
  Clients(std::uint64_t seed, Regime regime);

  struct Asking {
    double time = 0;
    std::shared_ptr<Job> job;
  };
  std::vector<Asking> first();
  // After the seat's last call ended; nothing when its day is over.
  std::vector<Asking> next(std::size_t seat, double now);

 private:
  void describe(Job& job);

  std::uint64_t seed_;
  Regime regime_;
  std::vector<Seat> seats_;
  std::vector<std::vector<route::Boundary>> history_;  // by seat
};

}  // namespace tpool::sim
