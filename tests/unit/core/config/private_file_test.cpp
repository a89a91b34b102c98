#include "core/config/private_file.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../file_faults.hpp"
#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::read_text;
using tpool::testing::Scratch;
using tpool::testing::write_text;
namespace fs = std::filesystem;

namespace {

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a missing file is not_found, a folder and a pipe are refused without hanging") {
  const Scratch scratch;
  CHECK(read_file(scratch / "none").error().code == Code::not_found);
  CHECK(read_file(scratch.root()).error().code == Code::unavailable);
  ::mkfifo((scratch / "pipe").c_str(), 0600);
  CHECK(read_file(scratch / "pipe").error().code == Code::unavailable);
  CHECK(replace_file(scratch / "pipe", "x").has_error());
}

TEST_CASE("replacing makes the file private, whole, and leaves nothing beside it") {
  const Scratch scratch;
  const std::string text("a\0b\n", 4);
  REQUIRE(replace_file(scratch / "f", "old").has_value());
  REQUIRE(replace_file(scratch / "f", text).has_value());
  CHECK(*read_file(scratch / "f") == text);
  CHECK(tpool::testing::mode_of(scratch / "f") == 0600);
  REQUIRE(replace_file(scratch / "f", text, 0644).has_value());
  CHECK(tpool::testing::mode_of(scratch / "f") == 0644);
  CHECK(files_in(scratch.root()) == 1);
}

TEST_CASE("a symbolic link stays a link and its target is replaced, also when it dangles") {
  const Scratch scratch;
  fs::create_directory(scratch / "real");
  fs::create_symlink("real/target", scratch / "middle");
  fs::create_symlink(scratch / "middle", scratch / "link");
  REQUIRE(replace_file(scratch / "link", "one").has_value());
  CHECK(read_text(scratch / "real/target") == "one");
  REQUIRE(replace_file(scratch / "link", "two").has_value());
  CHECK(read_text(scratch / "real/target") == "two");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(fs::is_symlink(scratch / "middle"));
  fs::create_symlink("round", scratch / "round");
  CHECK(replace_file(scratch / "round", "x").has_error());
}

TEST_CASE("a write that fails midway keeps the old file and leaves no litter") {
  const Scratch scratch;
  REQUIRE(replace_file(scratch / "f", "old").has_value());
  struct sigaction ignore {};
  struct sigaction before_signal {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &before_signal);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto result = replace_file(scratch / "f", std::string(20'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::sigaction(SIGXFSZ, &before_signal, nullptr);
  REQUIRE(result.has_error());
  CHECK(result.error().code == Code::unavailable);
  CHECK(result.error().hint.find("ulimit") != std::string::npos);
  CHECK(read_text(scratch / "f") == "old");
  CHECK(files_in(scratch.root()) == 1);
}

TEST_CASE("a missing folder and a device are refused before anything is written") {
  const Scratch scratch;
  const auto result = replace_file(scratch / "no/such/f", "x");
  REQUIRE(result.has_error());
  CHECK(result.error().message.find("No such file") != std::string::npos);
  fs::create_symlink("/dev/full", scratch / "full");
  CHECK(replace_file(scratch / "full", "x").has_error());
  CHECK(files_in(scratch.root()) == 1);
}

TEST_CASE("leftovers of killed writers are swept, other neighbours stay") {
  const Scratch scratch;
  write_text(scratch / "f", "x");
  write_text(scratch / "f.tmp.123.0", "half");
  write_text(scratch / "f.lock", "");
  write_text(scratch / "g.tmp.123.0", "other");
  sweep_leftovers(scratch / "f");
  CHECK_FALSE(fs::exists(scratch / "f.tmp.123.0"));
  CHECK(files_in(scratch.root()) == 3);
}

TEST_CASE("a lock is held by one, answers conflict after its limit, and is free when dropped") {
  const Scratch scratch;
  {
    const auto first = FileLock::take(scratch / "l");
    REQUIRE(first.has_value());
    const auto second = FileLock::take(scratch / "l", std::chrono::milliseconds(0));
    REQUIRE(second.has_error());
    CHECK(second.error().code == Code::conflict);
    CHECK(second.error().message.find((scratch / "l").string()) != std::string::npos);
  }
  CHECK(FileLock::take(scratch / "l", std::chrono::milliseconds(0)).has_value());
  CHECK(FileLock::take(scratch / "no/l").error().code == Code::unavailable);
}

TEST_CASE("reads and writes that are done in part are gone on with") {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::to_string(i) + "\n";
  for (const std::size_t piece : {1, 7, 4096}) {
    const tpool::testing::FileFault fault(piece);
    REQUIRE(replace_file(scratch / "f", text).has_value());
    CHECK(read_file(scratch / "f").value() == text);
  }
}

TEST_CASE(
    "whichever call fails, the file is the old one or the new one, and nothing lies beside it") {
  for (const int error : {EIO, ENOSPC, EACCES}) {
    int failures = 0;
    for (int n = 0;; ++n) {
      CAPTURE(n);
      const Scratch scratch;
      write_text(scratch / "f", "old");
      const tpool::testing::FileFault fault(n, error);
      const auto done = replace_file(scratch / "f", "new");
      if (!fault.happened()) break;
      const auto text = read_text(scratch / "f");
      CHECK(text == (done ? "new" : "old"));
      CHECK(files_in(scratch.root()) == 1);
      if (done) continue;
      ++failures;
      CHECK(done.error().code == Code::unavailable);
      CHECK(done.error().message.find("cannot write") != std::string::npos);
    }
    // open, fchmod, write, fsync and rename; the folder's own fsync only delays.
    CHECK(failures == 5);
  }
}
