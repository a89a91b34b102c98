// A FIFO that a process under test holds open: says whether the process got as far as its word, and
// when the last one that inherited it is gone. Waits for events, so that a slow machine changes
// nothing but how long it takes.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace tpool::testing {

class Witness {
 public:
  explicit Witness(const std::filesystem::path& folder) : path_(folder / "witness") {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader_ >= 0);
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() {
    ::close(reader_);
    ::unlink(path_.c_str());
  }

  // For a shell: hold the FIFO as descriptor 9 from here on; and say that all is under way.
  std::string hold() const { return "exec 9> '" + path_.string() + "'; "; }
  static std::string say() { return "echo started >&9; "; }

  // Whether the word was said. Final once the processes are gone.
  bool heard() {
    char text[64];
    for (ssize_t count; (count = ::read(reader_, text, sizeof text)) > 0;)
      said_.append(text, static_cast<std::size_t>(count));
    return said_ == "started\n";
  }
  // Waits until nobody holds it any more; false after a minute, in which a kill was not enough.
  bool deserted() {
    heard();
    pollfd waiting{reader_, 0, 0};
    return ::poll(&waiting, 1, 60'000) == 1 && (waiting.revents & POLLHUP) != 0;
  }

 private:
  std::filesystem::path path_;
  int reader_ = -1;
  std::string said_;
};

// Runs `stopped`, which is to end what never ends by itself, with ever longer limits until the
// process got as far as its word within one; then nobody may be left.
template <class Stopped>
void check_stops_all(const std::filesystem::path& folder, Stopped stopped) {
  for (std::chrono::milliseconds limit(200);; limit *= 2) {
    REQUIRE(limit < std::chrono::minutes(10));
    Witness witness(folder);
    stopped(witness, limit);
    if (!witness.heard()) continue;
    CHECK(witness.deserted());
    return;
  }
}

}  // namespace tpool::testing
