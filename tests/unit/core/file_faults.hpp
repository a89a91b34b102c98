// What may go wrong between a program and its files: a process killed between any two of its calls
// that change files, one of them failing, and reads and writes that are done in part.
//
// The calls are counted by definitions of this test program, which stand before the library's and
// pass on to the system; only fsync does not, since a killed process loses nothing the system has.
#pragma once

#include <cstddef>

namespace tpool::testing {

// In a child only: this process dies by SIGKILL right before its n-th half call from now on (each
// call counts twice: before it and after it). Negative: never.
void die_at(int n);

// While it lives, the n-th call fails with `error` and does nothing, and reads and writes take at
// most `piece` bytes (0: as many as they like). One at a time, of one thread.
class FileFault {
 public:
  FileFault(int n, int error);
  explicit FileFault(std::size_t piece);
  FileFault(const FileFault&) = delete;
  FileFault& operator=(const FileFault&) = delete;
  ~FileFault();
  bool happened() const;
};

}  // namespace tpool::testing
