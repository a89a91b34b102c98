#include "core/connect/settings_file.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "../file_faults.hpp"

using namespace tpool;
using namespace tpool::connect;

namespace {

namespace fs = std::filesystem;

const json::Path token{"env", "TOKEN"};

std::vector<SettingsKey> keys(const std::string& secret = "tpool_one") {
  return {{{"env", "URL"}, "\"http://127.0.0.1:1\""},
          {token, "\"" + secret + "\""},
          {{"env", "A"}, ""},
          {{"provider", "tpool"}, "{\"name\": \"tpool\"}", true}};
}

struct Scratch {
  fs::path root;
  fs::path file;
  config::Paths paths;

  Scratch() {
    auto name = (fs::temp_directory_path() / "tpool-settings-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    file = root / "client" / "settings.json";
    paths.state = root / "state";
  }
  ~Scratch() { fs::remove_all(root); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void write(std::string_view text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  std::string read() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Result<> connect(const std::string& secret = "tpool_one") {
    const auto plan = plan_settings(paths, file, keys(secret), token);
    if (!plan) return plan.error();
    return apply_enable(paths, {.codex_home = file.parent_path()}, *plan);
  }
  Result<Plan> disconnect() {
    auto plan = plan_no_settings(paths, file, keys(), token);
    if (!plan) return plan;
    if (auto applied = apply_disable(paths, {}, *plan); !applied) return applied.error();
    return plan;
  }
};

constexpr std::string_view users =
    "{\r\n  // mine\r\n  \"env\": {\r\n    \"URL\": \"https://own\", // keep\r\n    \"A\": "
    "\"1\"\r\n  "
    "},\r\n}\r\n";

}  // namespace

TEST_CASE("connect, twice, and disconnect give the user's bytes back") {
  Scratch scratch;
  scratch.write(users);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(scratch.connect().has_value());
    CHECK(setting(scratch.file, token) == "tpool_one");
    CHECK(setting(scratch.file, {"env", "URL"}) == "http://127.0.0.1:1");
    CHECK(setting(scratch.file, {"env", "A"}) == "1");
  }
  REQUIRE(scratch.connect("tpool_two").has_value());
  CHECK(setting(scratch.file, token) == "tpool_two");
  for (int i = 0; i < 2; ++i) {
    REQUIRE(scratch.disconnect().has_value());
    CHECK(scratch.read() == users);
  }
}

TEST_CASE("nobody else reads a file while it holds our token") {
  Scratch scratch;
  scratch.write(users);
  fs::permissions(scratch.file, fs::perms(0664));
  REQUIRE(scratch.connect().has_value());
  CHECK(fs::status(scratch.file).permissions() == fs::perms(0600));
  REQUIRE(scratch.connect("tpool_two").has_value());
  REQUIRE(scratch.disconnect().has_value());
  CHECK(fs::status(scratch.file).permissions() == fs::perms(0664));
}

TEST_CASE("a file that was not there goes away again") {
  Scratch scratch;
  REQUIRE(scratch.connect().has_value());
  REQUIRE(fs::exists(scratch.file));
  REQUIRE(scratch.disconnect().has_value());
  CHECK_FALSE(fs::exists(scratch.file));
}

TEST_CASE("what the user changed since stays, ours goes, and theirs comes back") {
  Scratch scratch;
  scratch.write(users);
  REQUIRE(scratch.connect().has_value());
  auto text = scratch.read();
  text.replace(text.find("\"A\": \"1\""), 8, "\"A\": \"9\"");
  text.replace(text.find("\"name\": \"tpool\""), 15, "\"name\": \"edited\"");
  scratch.write(text);
  REQUIRE(scratch.connect("tpool_two").has_value());
  REQUIRE(scratch.disconnect().has_value());
  std::string wanted(users);
  wanted.replace(wanted.find("\"A\": \"1\""), 8, "\"A\": \"9\"");
  CHECK(scratch.read() == wanted);
}

TEST_CASE("a value of ours that the user replaced is the user's") {
  Scratch scratch;
  scratch.write(users);
  REQUIRE(scratch.connect().has_value());
  auto text = scratch.read();
  text.replace(text.find("http://127.0.0.1:1"), 18, "https://other");
  scratch.write(text);
  const auto plan = scratch.disconnect();
  REQUIRE(plan.has_value());
  CHECK(plan->notes.size() == 1);
  CHECK(setting(scratch.file, {"env", "URL"}) == "https://other");
  CHECK(setting(scratch.file, token).empty());
  CHECK_FALSE(json::value_at(scratch.read(), {"provider"}));
}

TEST_CASE(
    "killed between snapshot and file, in either order of events, nothing of the user's is lost") {
  Scratch scratch;
  scratch.write(users);
  auto plan = plan_settings(scratch.paths, scratch.file, keys(), token);
  REQUIRE(plan.has_value());
  REQUIRE(save_snapshot(scratch.paths.snapshots(), plan->keep.front()).has_value());
  // The file was never written: connecting and disconnecting work from the user's text.
  REQUIRE(scratch.disconnect().has_value());
  CHECK(scratch.read() == users);
  REQUIRE(scratch.connect().has_value());
  plan = plan_settings(scratch.paths, scratch.file, keys("tpool_two"), token);
  REQUIRE(plan.has_value());
  REQUIRE(save_snapshot(scratch.paths.snapshots(), plan->keep.front()).has_value());
  REQUIRE(scratch.disconnect().has_value());
  CHECK(scratch.read() == users);
}

TEST_CASE("with the snapshot lost our own values are not taken for the user's") {
  Scratch scratch;
  scratch.write(users);
  REQUIRE(scratch.connect().has_value());
  fs::remove_all(scratch.paths.state);
  REQUIRE(scratch.connect("tpool_two").has_value());
  REQUIRE(scratch.disconnect().has_value());
  CHECK(setting(scratch.file, token).empty());
  CHECK(setting(scratch.file, {"env", "URL"}).empty());
  CHECK(setting(scratch.file, {"env", "A"}) == "1");
  CHECK_FALSE(json::value_at(scratch.read(), {"provider"}));
}

TEST_CASE("a broken file is left alone, and one that changed meanwhile is not overwritten") {
  Scratch scratch;
  for (const std::string_view bad : {"{", "[]", "{\"env\": 1}", "{\"a\":\xff}"}) {
    CAPTURE(bad);
    scratch.write(bad);
    CHECK(scratch.connect().has_error());
    CHECK(scratch.read() == bad);
  }
  scratch.write(users);
  const auto plan = plan_settings(scratch.paths, scratch.file, keys(), token);
  REQUIRE(plan.has_value());
  scratch.write("{\"other\": 1}");
  const auto applied =
      apply_enable(scratch.paths, {.codex_home = scratch.file.parent_path()}, *plan);
  REQUIRE(applied.has_error());
  CHECK(applied.error().code == Code::conflict);
  CHECK(scratch.read() == "{\"other\": 1}");
}

TEST_CASE("a diff shows no secret, also when the file is one line") {
  Scratch scratch;
  scratch.write(
      R"({"env":{"MY_API_KEY":"sk-sesame","A":"shown"},"apiKey":"open-sesame","list":["plain"]})");
  const auto plan = plan_settings(scratch.paths, scratch.file, keys(), token);
  REQUIRE(plan.has_value());
  const auto diff = settings_diff(*plan);
  CHECK(diff.find("sesame") == std::string::npos);
  CHECK(diff.find("tpool_one") == std::string::npos);
  CHECK(diff.find("shown") != std::string::npos);
  CHECK(diff.find("plain") != std::string::npos);
  CHECK(diff.find("http://127.0.0.1:1") != std::string::npos);
}

TEST_CASE(
    "a block of the user's over several lines comes back byte for byte after an edit beside") {
  for (const std::string_view newline : {"\n", "\r\n"}) {
    CAPTURE(newline);
    std::string text;
    for (const std::string_view line :
         {"{", "    \"provider\": {", "\t\"tpool\": { // mine", "\t\t\"name\": \"own\",", "  },",
          "    },", "    \"theme\": \"dark\"", "}"})
      text.append(line).append(newline);
    Scratch scratch;
    scratch.write(text);
    REQUIRE(scratch.connect().has_value());
    CHECK(setting(scratch.file, {"provider", "tpool", "name"}) == "tpool");
    const auto edited = [](std::string one) { return one.replace(one.find("dark"), 4, "light"); };
    scratch.write(edited(scratch.read()));
    REQUIRE(scratch.disconnect().has_value());
    CHECK(scratch.read() == edited(text));
  }
}

TEST_CASE("a diff shows no secret of a list, nor one below a name that says so") {
  Scratch scratch;
  scratch.write(
      R"({"tokens":["sesame-1","sesame-2",["sesame-3"]],"a":"shown 1",)"
      R"("headers":{"X-Team":"sesame-4","deep":{"x":"sesame-5"}},"b":["shown 2","shown 3"],)"
      R"("apiKey":"sesame-6","c":{"d":"shown 4"}})");
  const auto plan = plan_settings(scratch.paths, scratch.file, keys(), token);
  REQUIRE(plan.has_value());
  const auto diff = settings_diff(*plan);
  CHECK(diff.find("sesame") == std::string::npos);
  for (const char* shown : {"shown 1", "shown 2", "shown 3", "shown 4"})
    CHECK(diff.find(shown) != std::string::npos);
}

TEST_CASE("a file whose bytes a snapshot could not hold is refused, and nothing is written") {
  Scratch scratch;
  const Snapshot snapshot{scratch.file, true, "caf\xe9", {}, {}};
  const auto saved = save_snapshot(scratch.paths.snapshots(), snapshot);
  REQUIRE(saved.has_error());
  CHECK(saved.error().code == Code::conflict);
  CHECK_FALSE(load_snapshot(scratch.paths.snapshots(), scratch.file)->has_value());
}

TEST_CASE("whichever call fails while connecting, nothing of the user's is lost") {
  int failures = 0;
  for (int n = 0;; ++n) {
    CAPTURE(n);
    Scratch scratch;
    scratch.write(users);
    bool happened = false;
    bool connected = false;
    {
      const testing::FileFault fault(n, EIO);
      connected = scratch.connect().has_value();
      happened = fault.happened();
    }
    if (!connected) {
      ++failures;
      CHECK(scratch.read() == users);
    }
    {
      const testing::FileFault fault(n, EIO);
      const auto plan = scratch.disconnect();
      if (plan.has_error()) CHECK((scratch.read() == users || connected));
    }
    REQUIRE(scratch.disconnect().has_value());
    CHECK(scratch.read() == users);
    for (const auto& entry : fs::directory_iterator(scratch.file.parent_path()))
      CHECK(entry.path() == scratch.file);
    if (!happened) break;
  }
  CHECK(failures > 8);
}
