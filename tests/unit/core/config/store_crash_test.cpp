// Writers that are killed and writers that race: the file always parses and holds the old or the
// new state, and no update is lost.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <random>

#include "../file_faults.hpp"
#include "core/config/edit.hpp"
#include "core/config/store.hpp"
#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::Scratch;
namespace fs = std::filesystem;

namespace {

constexpr int kills = 1000;
// A write with its backup makes about ten calls that change files, each with a before and an after.
constexpr int most_steps = 60;

Paths paths_in(const Scratch& scratch) {
  return {scratch / "config/tpool.toml", scratch / "state", scratch / "cache", scratch / "run"};
}

// A kill leaves the kernel's view of files as it is, so memory will do, and is much faster.
fs::path in_memory() {
  return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
}

// The number stands at both ends of the text, so a torn file would hold two.
Result<Change> write_number(Config& config, int number) {
  config.settings.default_model = "p/" + std::to_string(number);
  config.aliases = {{"number", "p/" + std::to_string(number)}};
  return Change{"counted"};
}

int number_in(const Config& config) {
  REQUIRE(config.settings.default_model);
  REQUIRE(config.aliases.size() == 1);
  CHECK(config.aliases[0].target == *config.settings.default_model);
  return std::stoi(config.settings.default_model->substr(2));
}

// Counts on from `number` until killed, saying each number once it is written.
[[noreturn]] void count(const Store& store, int number, int said) {
  for (;;) {
    ++number;
    const auto updated = store.update([&](Config& config) { return write_number(config, number); });
    if (!updated || ::write(said, &number, sizeof number) != sizeof number) ::_exit(3);
  }
}

}  // namespace

TEST_CASE("a thousand kills never leave a store that does not parse or a state never written") {
  const Scratch scratch(in_memory());
  const Store store(paths_in(scratch));
  REQUIRE(store.update([](Config& config) { return write_number(config, 0); }).has_value());
  std::mt19937 random(20'240'229);
  int last = 0;
  int leftovers = 0;
  int rest = 0;
  for (int kill = 0; kill < kills; ++kill) {
    int said[2];
    REQUIRE(::pipe2(said, O_CLOEXEC) == 0);
    // Every fifth kill comes at any time, the others at a step of one of the first writes.
    const bool any_time = kill % 5 == 4;
    const int step = std::uniform_int_distribution(0, most_steps)(random);
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
      if (!any_time) tpool::testing::die_at(step);
      count(store, last, said[1]);
    }
    ::close(said[1]);
    if (any_time) {
      ::usleep(std::uniform_int_distribution<useconds_t>(0, 12'000)(random));
      ::kill(writer, SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(writer, &status, 0) == writer);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    int number = 0;
    while (::read(said[0], &number, sizeof number) == sizeof number) last = number;
    ::close(said[0]);
    const auto loaded = store.load();
    REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
    const int found = number_in(loaded->config);
    // Written and said, or written and killed before it could say so.
    REQUIRE(found >= last);
    REQUIRE(found <= last + 1);
    if (found > last) ++rest;
    last = found;
    for (const auto& entry : fs::directory_iterator(scratch / "config"))
      if (entry.path().filename().string().find(".tmp.") != std::string::npos) ++leftovers;
  }
  // The kills really fell inside writes: before the rename, and between it and the answer.
  CHECK(leftovers > 50);
  CHECK(rest > 20);
  REQUIRE(store.update([&](Config& config) { return write_number(config, last + 1); }).has_value());
  CHECK(std::distance(fs::directory_iterator(scratch / "config"), fs::directory_iterator()) == 2);
}

TEST_CASE("eight writers at once lose no update") {
  constexpr int writers = 8;
  constexpr int each = 12;
  const Scratch scratch(in_memory());
  const Store store(paths_in(scratch));
  std::array<pid_t, writers> children{};
  for (int w = 0; w < writers; ++w) {
    children[static_cast<std::size_t>(w)] = ::fork();
    REQUIRE(children[static_cast<std::size_t>(w)] >= 0);
    if (children[static_cast<std::size_t>(w)] != 0) continue;
    for (int i = 0; i < each; ++i) {
      const auto add = [&](Config& config) {
        ProviderFields fields;
        fields.protocol = "echo";
        return add_provider(config, "w" + std::to_string(w) + "-" + std::to_string(i), fields,
                            std::nullopt);
      };
      auto added = store.update(add);
      // Told that the others hold the lock too long, it asks again, as a user would.
      while (!added && added.error().message.ends_with("is locked")) added = store.update(add);
      if (!added) ::_exit(1);
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  const auto loaded = store.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->config.providers.size() == writers * each);
  for (int w = 0; w < writers; ++w)
    for (int i = 0; i < each; ++i)
      CHECK(find_provider(loaded->config, "w" + std::to_string(w) + "-" + std::to_string(i)) !=
            nullptr);
}
