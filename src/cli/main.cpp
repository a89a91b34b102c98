#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/run.hpp"

// Read by jemalloc (its manual, TUNING) where it is linked in: one arena, as one thread does nearly
// all the work; what a burst leaves free goes back to the system within two seconds, and at once
// what a text leaves behind that grows beyond a megabyte, copied to ever larger blocks.
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "narenas:1,background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0,"
    "oversize_threshold:1048576";

int main(int argc, char** argv) {
  // Memory holds secrets: no core dump. 1 rather than 0, as only 1 also stops a piped one.
  const rlimit no_core{1, 1};
  setrlimit(RLIMIT_CORE, &no_core);
  // A reader that left is seen as EPIPE at the write, where it can be told from other failures.
  signal(SIGPIPE, SIG_IGN);
  // A file size limit is a failed write (EFBIG) with its cleanup, not a sudden end.
  signal(SIGXFSZ, SIG_IGN);
  try {
    return tpool::cli::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "error: this is a bug in tpool: %s\n", bug.what());
    return 1;
  }
}
