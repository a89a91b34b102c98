// Coding sessions as published traces show them: turns of several calls over a growing prompt.
//
// Every number comes from the seed and the place in the traffic alone, so each contestant meets the
// same sessions. One thread at a time.
#pragma once

#include <cstdint>

#include "core/route/envelope.hpp"

namespace tpool::sim {

inline constexpr double shared_prefix = 12'000;
inline constexpr double background_share = 0.06;

struct Call {
  std::uint64_t id = 0;       // names its draws
  std::uint64_t session = 0;  // 0: a one-shot without any
  int number = 0;             // in its session, from 1
  double prompt = 0;
  double output = 0;
  route::Class request_class = route::Class::interactive;
};

// One place at which one session follows another.
class Seat {
 public:
  Seat(std::uint64_t seed, std::uint64_t seat);

  // The next call, and how long after the one before it ended.
  struct Next {
    Call call;
    double pause = 0;
    bool with_one_shot = false;  // a background call goes out beside it
    Call one_shot = {};
  };
  Next next();

 private:
  void open_session();

  std::uint64_t seed_;
  std::uint64_t session_ = 0;
  std::uint64_t sessions_ = 0;
  int number_ = 0;
  int turns_left_ = 0;
  int calls_left_ = 0;
  double prompt_ = 0;
};

}  // namespace tpool::sim
