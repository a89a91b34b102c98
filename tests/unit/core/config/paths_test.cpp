#include "core/config/paths.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::Scratch;
using tpool::testing::Variable;

namespace {

struct CleanEnvironment {
  Variable home{"HOME", "/home/somebody"};
  Variable tpool_home{"TPOOL_HOME", std::nullopt};
  Variable tpool_config{"TPOOL_CONFIG", std::nullopt};
  Variable config{"XDG_CONFIG_HOME", std::nullopt};
  Variable state{"XDG_STATE_HOME", std::nullopt};
  Variable cache{"XDG_CACHE_HOME", std::nullopt};
  Variable runtime{"XDG_RUNTIME_DIR", std::nullopt};
};

}  // namespace

TEST_CASE("without any variable but HOME the usual places are taken") {
  const CleanEnvironment clean;
  const auto paths = locate();
  REQUIRE(paths.has_value());
  CHECK(paths->store == "/home/somebody/.config/tpool/tpool.toml");
  CHECK(paths->state == "/home/somebody/.local/state/tpool");
  CHECK(paths->cache == "/home/somebody/.cache/tpool");
  CHECK(paths->runtime == "/home/somebody/.local/state/tpool/run");
  CHECK(paths->backups() == "/home/somebody/.local/state/tpool/backups");
}

TEST_CASE("the XDG variables move their places, unless they are relative or empty") {
  const CleanEnvironment clean;
  const Variable config("XDG_CONFIG_HOME", "/c");
  const Variable state("XDG_STATE_HOME", "relative/s");
  const Variable cache("XDG_CACHE_HOME", "");
  const Variable runtime("XDG_RUNTIME_DIR", "/run/user/7");
  const auto paths = locate();
  REQUIRE(paths.has_value());
  CHECK(paths->store == "/c/tpool/tpool.toml");
  CHECK(paths->state == "/home/somebody/.local/state/tpool");
  CHECK(paths->cache == "/home/somebody/.cache/tpool");
  CHECK(paths->runtime == "/run/user/7/tpool");
}

TEST_CASE("TPOOL_HOME moves everything, TPOOL_CONFIG and the flag the store alone") {
  const CleanEnvironment clean;
  const Variable home("TPOOL_HOME", "/t/");
  CHECK(locate()->store == "/t/config/tpool.toml");
  CHECK(locate()->admin_socket() == "/t/run/admin.sock");
  const Variable store("TPOOL_CONFIG", "/else/where.toml");
  CHECK(locate()->store == "/else/where.toml");
  CHECK(locate()->state == "/t/state");
  CHECK(locate("/flag/wins.toml")->store == "/flag/wins.toml");
  CHECK(locate("here.toml")->store == std::filesystem::current_path() / "here.toml");
}

TEST_CASE("without any home it says what to set") {
  const CleanEnvironment clean;
  const Variable home("HOME", std::nullopt);
  const auto paths = locate();
  REQUIRE(paths.has_error());
  CHECK(paths.error().code == Code::invalid);
  CHECK(paths.error().hint.find("TPOOL_HOME") != std::string::npos);
  const Variable config("XDG_CONFIG_HOME", "/c");
  const Variable state("XDG_STATE_HOME", "/s");
  const Variable cache("XDG_CACHE_HOME", "/k");
  CHECK(locate().has_value());
}

TEST_CASE("a private folder and its parents are 0700 whatever the umask, existing ones stay") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "old");
  ::chmod((scratch / "old").c_str(), 0755);
  const mode_t umask_before = ::umask(0077 | 0500);
  const auto made = make_private_folder(scratch / "old/a/b");
  ::umask(umask_before);
  REQUIRE(made.has_value());
  CHECK(tpool::testing::mode_of(scratch / "old/a") == 0700);
  CHECK(tpool::testing::mode_of(scratch / "old/a/b") == 0700);
  CHECK(tpool::testing::mode_of(scratch / "old") == 0755);
  CHECK(make_private_folder(scratch / "old/a/b").has_value());
}

TEST_CASE("a file where a folder should be is an error that names it") {
  const Scratch scratch;
  tpool::testing::write_text(scratch / "file", "x");
  const auto here = make_private_folder(scratch / "file");
  REQUIRE(here.has_error());
  CHECK(here.error().message.find("file is not a folder") != std::string::npos);
  CHECK(make_private_folder(scratch / "file/below").has_error());
}
