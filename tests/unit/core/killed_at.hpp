// Kills a process between any two of its calls that change files.
//
// The calls are counted by definitions of this test program, which stand before the library's and
// pass on to the system; only fsync does not, since a killed process loses nothing the system has.
#pragma once

namespace tpool::testing {

// In a child only: this process dies by SIGKILL right before its n-th half call from now on (each
// call counts twice: before it and after it). Negative: never.
void die_at(int n);

}  // namespace tpool::testing
