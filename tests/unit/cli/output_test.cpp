#include "cli/output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

using namespace tpool;
using namespace tpool::cli;

namespace {

struct Pipe {
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  std::string text() {
    ::close(std::exchange(ends[1], -1));
    std::string all;
    std::array<char, 4096> chunk;
    for (ssize_t got; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
      all.append(chunk.data(), static_cast<std::size_t>(got));
    return all;
  }
  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("data goes to stdout with one final newline, talk and errors to stderr") {
  Pipe out, err;
  Output output({}, out.ends[1], err.ends[1]);
  output.data("one");
  output.data("two\n");
  output.data("");
  output.say("talk");
  output.warn("care");
  output.error(not_found("gone", "look"));
  CHECK(out.text() == "one\ntwo\n");
  CHECK(err.text() == "talk\nwarning: care\nerror: gone\nhint: look\n");
}

TEST_CASE("with --json talk is silent and an error is one JSON document") {
  Pipe out, err;
  Output output({.json = true}, out.ends[1], err.ends[1]);
  output.say("talk");
  output.warn("care");
  output.next("tpool serve");
  output.error(not_found("gone \"x\"", ""));
  CHECK(out.text().empty());
  CHECK(err.text() == R"({"error":{"code":"not_found","message":"gone \"x\"","hint":""}})"
                      "\n");
}

TEST_CASE("--quiet keeps data, warnings and errors") {
  Pipe out, err;
  Output output({.quiet = true}, out.ends[1], err.ends[1]);
  output.say("talk");
  output.next("tpool serve");
  output.warn("care");
  output.data("x");
  CHECK(out.text() == "x\n");
  CHECK(err.text() == "warning: care\n");
}

TEST_CASE("a reader that left is no failure; a full disk is") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe gone;
  ::close(std::exchange(gone.ends[0], -1));
  Output output({}, gone.ends[1], gone.ends[1]);
  output.data("x");
  output.data("y");
  CHECK(output.failure().empty());
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  Output stuck({}, full, full);
  stuck.data("x");
  CHECK_FALSE(stuck.failure().empty());
  ::close(full);
  std::signal(SIGPIPE, before);
}

TEST_CASE("colour follows the option, then the environment, then the terminal") {
  // Whoever runs the tests may have said so too.
  ::unsetenv("NO_COLOR");
  ::unsetenv("CLICOLOR_FORCE");
  Pipe pipe;
  CHECK(wants_color("always", pipe.ends[1]));
  CHECK_FALSE(wants_color("never", pipe.ends[1]));
  CHECK_FALSE(wants_color("auto", pipe.ends[1]));
  ::setenv("CLICOLOR_FORCE", "1", 1);
  CHECK(wants_color("auto", pipe.ends[1]));
  ::setenv("NO_COLOR", "1", 1);
  CHECK_FALSE(wants_color("auto", pipe.ends[1]));
  CHECK(wants_color("always", pipe.ends[1]));
  ::unsetenv("NO_COLOR");
  ::unsetenv("CLICOLOR_FORCE");
}
