#include "core/config/store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config/edit.hpp"
#include "core/config/private_file.hpp"
#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::read_text;
using tpool::testing::Scratch;
using tpool::testing::write_text;
namespace fs = std::filesystem;

namespace {

Paths paths_in(const Scratch& scratch) {
  return {scratch / "config/tpool.toml", scratch / "state", scratch / "cache", scratch / "run"};
}

Result<Change> enable_pool(Config& config) { return set_pool_enabled(config, true, std::nullopt); }

Edit name_provider(const std::string& id, const std::string& name) {
  return [=](Config& config) -> Result<Change> {
    ProviderFields fields;
    fields.name = name;
    if (find_provider(config, id) != nullptr) return edit_provider(config, id, fields);
    fields.protocol = "echo";
    return add_provider(config, id, fields, std::nullopt);
  };
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a store that is not there is the default Config") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  const auto loaded = store.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->config == Config{});
  CHECK(loaded->revision == "empty");
  CHECK_FALSE(fs::exists(scratch / "config"));
}

TEST_CASE("the first update makes private folders and a private file") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  const auto updated = store.update(enable_pool);
  REQUIRE(updated.has_value());
  CHECK(updated->changed);
  CHECK(updated->change.summary == "enabled the pool");
  CHECK_FALSE(updated->before.pool.enabled);
  CHECK(updated->after.pool.enabled);
  CHECK(tpool::testing::mode_of(scratch / "config") == 0700);
  CHECK(tpool::testing::mode_of(scratch / "config/tpool.toml") == 0600);
  const auto loaded = store.load();
  CHECK(loaded->config == updated->after);
  CHECK(loaded->revision == updated->revision);
  CHECK(loaded->revision.size() == 16);
  CHECK(loaded->notes.empty());
}

TEST_CASE("an update that changes nothing writes nothing") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  const auto first = store.update(enable_pool);
  const auto time = fs::last_write_time(scratch / "config/tpool.toml");
  const auto again = store.update(enable_pool);
  REQUIRE(again.has_value());
  CHECK_FALSE(again->changed);
  CHECK(again->revision == first->revision);
  CHECK(again->diff.empty());
  CHECK(fs::last_write_time(scratch / "config/tpool.toml") == time);
  CHECK_FALSE(fs::exists(scratch / "state/backups"));
}

TEST_CASE("a dry run shows the diff and touches nothing") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  const auto dry = store.update(enable_pool, Mode::dry_run);
  REQUIRE(dry.has_value());
  CHECK(dry->changed);
  CHECK(dry->diff.find("+enabled = true\n") != std::string::npos);
  CHECK(files_in(scratch.root()) == 0);
}

TEST_CASE("secrets are masked in the diff, and that they change still shows") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  const auto with_value = [](const std::string& value) {
    return [=](Config& config) -> Result<Change> {
      config.providers.clear();
      Provider provider{"p"};
      provider.protocol = Protocol::echo;
      provider.headers = {{"Authorization", "Bearer " + value}, {"X-Title", "shown"}};
      provider.proxy = "http://user:" + value + "@proxy:1";
      provider.keys.push_back({"k", {SecretRef::Kind::value, value}});
      config.providers.push_back(provider);
      return Change{"changed"};
    };
  };
  const auto first = store.update(with_value("sk-first-secret"));
  REQUIRE(first.has_value());
  CHECK(first->diff.find("sk-first") == std::string::npos);
  CHECK(first->diff.find("shown") != std::string::npos);
  write_text(scratch / "config/tpool.toml",
             "# was sk-first-secret\n" + read_text(scratch / "config/tpool.toml"));
  const auto second = store.update(with_value("sk-second-secret"));
  REQUIRE(second.has_value());
  CHECK(second->diff.find("-first") == std::string::npos);
  CHECK(second->diff.find("-second") == std::string::npos);
  CHECK(second->diff.find("-value = \"****\"\n+value = \"**** (new)\"") != std::string::npos);
  CHECK(read_text(scratch / "config/tpool.toml").find("sk-second-secret") != std::string::npos);
}

TEST_CASE("an edit that fails or makes the Config invalid leaves the file as it was") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  REQUIRE(store.update(enable_pool).has_value());
  const std::string text = read_text(scratch / "config/tpool.toml");
  const auto failed = store.update([](Config& config) -> Result<Change> {
    config.pool.enabled = false;
    return conflict("no");
  });
  CHECK(failed.error() == conflict("no"));
  const auto wrong = store.update([](Config& config) -> Result<Change> {
    config.settings.listen = "nowhere";
    return Change{"set"};
  });
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().code == Code::invalid);
  CHECK(read_text(scratch / "config/tpool.toml") == text);
  CHECK(files_in(scratch / "config") == 2);
}

TEST_CASE("a broken, newer or unreadable store is never replaced") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  fs::create_directory(scratch / "config");
  for (const char* text : {"version = 2\n", "provider = \n", "[[provider]]\nid = 1\n"}) {
    write_text(scratch / "config/tpool.toml", text);
    CHECK(store.load().error().code == Code::invalid);
    const auto updated = store.update(enable_pool);
    REQUIRE(updated.has_error());
    CHECK(updated.error().message.find("tpool.toml:") != std::string::npos);
    CHECK(read_text(scratch / "config/tpool.toml") == text);
  }
  fs::remove(scratch / "config/tpool.toml");
  fs::create_directory(scratch / "config/tpool.toml");
  CHECK(store.update(enable_pool).error().code == Code::unavailable);
  CHECK(fs::is_directory(scratch / "config/tpool.toml"));
}

TEST_CASE("an invalid store does not load, but the edit that mends it works") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  fs::create_directory(scratch / "config");
  write_text(scratch / "config/tpool.toml", "[settings]\nlisten = \"nowhere\" # sic\n");
  CHECK(store.load().error().message.find("settings: listen must be") != std::string::npos);
  CHECK(store.update(enable_pool).has_error());
  CHECK(store.update([](Config& config) { return set_setting(config, "listen", "127.0.0.1:3301"); })
            .has_value());
  CHECK(store.load().has_value());
  CHECK(read_text(scratch / "config/tpool.toml") ==
        "[settings]\nlisten = \"127.0.0.1:3301\" # sic\n");
}

TEST_CASE("a store others can read loads with a note, and the next edit makes it private") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  REQUIRE(store.update(enable_pool).has_value());
  ::chmod((scratch / "config/tpool.toml").c_str(), 0644);
  const auto loaded = store.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->notes.size() == 1);
  CHECK(loaded->notes[0].find("chmod 600") != std::string::npos);
  REQUIRE(store.update(name_provider("a", "A")).has_value());
  CHECK(tpool::testing::mode_of(scratch / "config/tpool.toml") == 0600);
  CHECK(store.load()->notes.empty());
}

TEST_CASE("a symlinked store is followed, and its lock stands beside the file") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  fs::create_directory(scratch / "config");
  fs::create_symlink("../dotfiles/tpool.toml", scratch / "config/tpool.toml");
  REQUIRE(store.update(enable_pool).has_value());
  CHECK(fs::is_symlink(scratch / "config/tpool.toml"));
  CHECK(fs::is_regular_file(scratch / "dotfiles/tpool.toml"));
  CHECK(fs::exists(scratch / "dotfiles/tpool.toml.lock"));
  CHECK(files_in(scratch / "config") == 1);
}

TEST_CASE("ten dated backups are kept, private, the newest with the text before the last edit") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  std::string previous;
  for (int i = 0; i < 14; ++i) {
    if (i > 0) previous = read_text(scratch / "config/tpool.toml");
    REQUIRE(store.update(name_provider("a", "A" + std::to_string(i))).has_value());
  }
  std::vector<fs::path> backups;
  for (const auto& entry : fs::directory_iterator(scratch / "state/backups"))
    backups.push_back(entry.path());
  std::sort(backups.begin(), backups.end());
  REQUIRE(backups.size() == 10);
  CHECK(read_text(backups.back()) == previous);
  CHECK(tpool::testing::mode_of(backups.back()) == 0600);
  CHECK(tpool::testing::mode_of(scratch / "state/backups") == 0700);
}

TEST_CASE("a clock that was set back neither drops the newest backup nor reorders them") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  fs::create_directories(scratch / "state/backups");
  write_text(scratch / "state/backups/tpool-29991231T235959.999999Z.toml", "before the step");
  write_text(scratch / "state/backups/tpool-notes.toml", "not one of ours");
  std::string previous;
  for (int i = 0; i < 14; ++i) {
    if (i > 0) previous = read_text(scratch / "config/tpool.toml");
    REQUIRE(store.update(name_provider("a", "A" + std::to_string(i))).has_value());
    const auto newest = scratch / "state/backups/tpool-30000101T000000.000000Z.toml";
    if (i == 1) CHECK(read_text(newest) == previous);
  }
  std::vector<fs::path> backups;
  for (const auto& entry : fs::directory_iterator(scratch / "state/backups"))
    backups.push_back(entry.path());
  std::sort(backups.begin(), backups.end());
  REQUIRE(backups.size() == 11);
  CHECK(backups.back().filename() == "tpool-notes.toml");
  CHECK(read_text(backups[9]) == previous);
}

TEST_CASE("what a killed writer left is gone after the next update") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  fs::create_directory(scratch / "config");
  write_text(scratch / "config/tpool.toml.tmp.1.0", "half a sto");
  REQUIRE(store.update(enable_pool).has_value());
  CHECK(files_in(scratch / "config") == 2);
}

TEST_CASE("a folder that cannot be written to is one error, and nothing changes") {
  const Scratch scratch;
  const Store store(paths_in(scratch));
  write_text(scratch / "config", "a file where the folder should be");
  const auto updated = store.update(enable_pool);
  REQUIRE(updated.has_error());
  CHECK(updated.error().code == Code::unavailable);
  CHECK(updated.error().message.find("config is not a folder") != std::string::npos);
  fs::remove(scratch / "config");
  // Backups come first: without them, the store stays as it is.
  REQUIRE(store.update(enable_pool).has_value());
  const std::string text = read_text(scratch / "config/tpool.toml");
  write_text(scratch / "state", "in the way");
  CHECK(store.update(name_provider("a", "A")).error().code == Code::unavailable);
  CHECK(read_text(scratch / "config/tpool.toml") == text);
  CHECK(files_in(scratch / "config") == 2);
}

TEST_CASE("a read-only folder is refused with its reason") {
  if (::geteuid() == 0) {
    // Permissions do not bind root; the immutable process file system does.
    const Store store({"/proc/tpool/tpool.toml", "/proc/state", "/proc/cache", "/proc/run"});
    CHECK(store.update(enable_pool).error().code == Code::unavailable);
    return;
  }
  const Scratch scratch;
  const Store store(paths_in(scratch));
  REQUIRE(store.update(enable_pool).has_value());
  ::chmod((scratch / "config").c_str(), 0500);
  ::chmod((scratch / "config/tpool.toml.lock").c_str(), 0400);
  const auto updated = store.update(name_provider("a", "A"));
  ::chmod((scratch / "config").c_str(), 0700);
  REQUIRE(updated.has_error());
  CHECK(updated.error().message.find("Permission denied") != std::string::npos);
}
