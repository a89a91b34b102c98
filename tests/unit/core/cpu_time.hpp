// The processor time this process used since: unlike the time on the wall, no busy neighbour adds
// to it. For tests that tell linear from quadratic work, where the wrong one takes hours.
#pragma once

#include <ctime>

namespace tpool::testing {

class CpuTime {
 public:
  double seconds() const { return now() - begin_; }

 private:
  static double now() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  double begin_ = now();
};

}  // namespace tpool::testing
