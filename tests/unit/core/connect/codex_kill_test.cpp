// Kills a process between any two file operations of enable and disable, and then disables.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../file_faults.hpp"
#include "codex_scratch.hpp"
#include "core/connect/codex_text.hpp"

using namespace tpool;
using namespace tpool::connect;
using tpool::test::CodexScratch;

namespace {

enum class End { finished, killed };

// Runs `step` in a child that dies at its n-th call.
template <class Step>
End run_and_die(int n, Step step) {
  const pid_t child = ::fork();
  if (child == 0) {
    testing::die_at(n);
    const bool done = step();
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!killed) CHECK(status == 0);
  return killed ? End::killed : End::finished;
}

void check_settled(const CodexScratch& scratch, const std::string& text) {
  CHECK(scratch.read() == text);
  CHECK_FALSE(std::filesystem::exists(scratch.catalog_file()));
  CHECK(std::filesystem::is_empty(scratch.paths.snapshots()));
  CHECK_FALSE(scratch.must_disable().changes_anything());
}

const std::string users = "model = \"gpt-5.5\" # mine\n\n[model_providers.tpool]\nname = \"Mine\"";

}  // namespace

TEST_CASE("killed at any point of the first enable, disable restores the file") {
  int deaths = 0;
  for (const auto mode : {CatalogMode::live, CatalogMode::file})
    for (int n = 0;; ++n) {
      CAPTURE(n);
      CodexScratch scratch;
      scratch.write(users);
      scratch.wiring.mode = mode;
      const auto end = run_and_die(n, [&] { return scratch.enable().has_value(); });
      if (end == End::killed) {
        ++deaths;
        const auto left = scratch.read();
        CHECK((left == users || read_codex(left)->ours));
        std::filesystem::create_directories(scratch.paths.snapshots());
      }
      scratch.must_disable();
      check_settled(scratch, users);
      if (end == End::finished) break;
    }
  CHECK(deaths > 20);
}

TEST_CASE("killed at any point of a later enable, disable restores the file") {
  int deaths = 0;
  for (int n = 0;; ++n) {
    CAPTURE(n);
    CodexScratch scratch;
    scratch.write(users);
    scratch.must_enable();
    scratch.wiring.mode = CatalogMode::file;
    scratch.wiring.token = config::Secret("tpool_other");
    scratch.wiring.listen = "127.0.0.1:1";
    const auto end = run_and_die(n, [&] { return scratch.enable().has_value(); });
    if (end == End::killed) ++deaths;
    // One that was killed may be started again before anyone thinks of disabling.
    if (n % 2 == 0) scratch.must_enable();
    scratch.must_disable();
    check_settled(scratch, users);
    if (end == End::finished) break;
  }
  CHECK(deaths > 10);
}

TEST_CASE("killed at any point of disable, the next disable finishes it") {
  int deaths = 0;
  for (int n = 0;; ++n) {
    CAPTURE(n);
    CodexScratch scratch;
    scratch.write(users);
    scratch.wiring.mode = CatalogMode::file;
    scratch.must_enable();
    scratch.write("# edited\n" + scratch.read());
    const auto end = run_and_die(n, [&] { return scratch.disable().has_value(); });
    if (end == End::killed) ++deaths;
    if (end == End::killed && n % 3 == 0) {
      // Or it is enabled again first.
      scratch.must_enable();
    }
    scratch.must_disable();
    check_settled(scratch, "# edited\n" + users);
    if (end == End::finished) break;
  }
  CHECK(deaths > 8);
}

TEST_CASE("nothing of a killed writer is left in Codex's folder") {
  CodexScratch scratch;
  scratch.write(users);
  for (int n = 0; n < 30; ++n) run_and_die(n, [&] { return scratch.enable().has_value(); });
  scratch.must_enable();
  scratch.must_disable();
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch.home))
    ++files;
  CHECK(files == 1);
  CHECK(scratch.read() == users);
}
