#include "core/connect/codex_install.hpp"

#include <doctest/doctest.h>

#include "../witness.hpp"
#include "codex_scratch.hpp"
#include "core/connect/child.hpp"

using namespace tpool;
using namespace tpool::connect;

namespace {

namespace fs = std::filesystem;

// A shell script in the place of codex, named by TPOOL_CODEX while the test runs.
class FakeCodex {
 public:
  explicit FakeCodex(const std::string& script) {
    auto name = (fs::temp_directory_path() / "tpool-fake-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    test::CodexScratch::write(program(), "#!/bin/sh\n" + script);
    fs::permissions(program(), fs::perms::owner_all);
    if (const char* value = std::getenv("TPOOL_CODEX")) saved_ = value;
    ::setenv("TPOOL_CODEX", program().c_str(), 1);
  }
  FakeCodex(const FakeCodex&) = delete;
  ~FakeCodex() {
    if (saved_)
      ::setenv("TPOOL_CODEX", saved_->c_str(), 1);
    else
      ::unsetenv("TPOOL_CODEX");
    fs::remove_all(folder_);
  }
  fs::path program() const { return folder_ / "codex"; }
  fs::path folder() const { return folder_; }

 private:
  fs::path folder_;
  std::optional<std::string> saved_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* modern = R"(
case "$*" in
  --version) echo "codex-cli 0.169.0" ;;
  "features list")
    echo "other_feature   stable   false"
    echo "api_key_model_discovery          stable             true" ;;
  "debug models --bundled")
    echo '{"models":[{"slug":"a","base_instructions":"A","tool_mode":"code_mode_only"},
      {"slug":"b","base_instructions":"B","visibility":"list"},{"slug":"c","visibility":"list"}]}' ;;
  *) exit 2 ;;
esac
)";

}  // namespace

TEST_CASE("the installed Codex says its version and whether it knows live catalogs") {
  const FakeCodex fake(modern);
  const auto codex = find_codex();
  REQUIRE(codex.has_value());
  CHECK(codex->version == "0.169.0");
  CHECK(codex->live_catalog);
  CHECK(codex->binary == fake.program());
}

TEST_CASE("a Codex that does not list the feature, or has it off, gets a catalog file") {
  {
    const FakeCodex old("[ \"$1\" = --version ] && echo codex-cli 0.40.0 || exit 2\n");
    const auto codex = find_codex();
    REQUIRE(codex.has_value());
    CHECK_FALSE(codex->live_catalog);
  }
  const FakeCodex off(
      "[ \"$1\" = --version ] && echo codex-cli 0.140.0 || echo 'api_key_model_discovery x "
      "false'\n");
  CHECK_FALSE(find_codex()->live_catalog);
}

TEST_CASE("a TPOOL_CODEX that is no program, or no Codex, is named") {
  const FakeCodex fake("echo hello\n");
  auto codex = find_codex();
  REQUIRE_FALSE(codex.has_value());
  CHECK(has(codex.error().message, fake.program().string()));
  fs::remove(fake.program());
  codex = find_codex();
  REQUIRE_FALSE(codex.has_value());
  CHECK(codex.error().code == Code::not_found);
  CHECK(has(codex.error().message, "TPOOL_CODEX"));
}

TEST_CASE("the best bundled entry is one that works with plain tools") {
  const FakeCodex fake(modern);
  const auto entry = bundled_entry({fake.program(), "0.169.0", true});
  REQUIRE(entry.has_value());
  CHECK(has(*entry, "\"slug\":\"b\""));
}

TEST_CASE("a Codex that shows no usable catalog is an error in its own words") {
  const FakeCodex fake("echo 'Error: not today' >&2; exit 1\n");
  const auto entry = bundled_entry({fake.program(), "9", true});
  REQUIRE_FALSE(entry.has_value());
  CHECK(has(entry.error().message, "not today"));
}

TEST_CASE("Codex is asked in a scratch home, which is gone afterwards") {
  const FakeCodex fake(
      "echo \"$CODEX_HOME\" > \"$(dirname \"$0\")/home\"\n"
      "cat \"$CODEX_HOME/config.toml\" \"$CODEX_HOME/catalog.json\" "
      "> \"$(dirname \"$0\")/seen\"\necho \"$@\" > \"$(dirname \"$0\")/args\"\n");
  REQUIRE(check_accepts({fake.program(), "9", true}, "model = \"m\"\n", "{}").has_value());
  CHECK(test::CodexScratch::read(fake.folder() / "seen") == "model = \"m\"\n{}");
  auto home = test::CodexScratch::read(fake.folder() / "home");
  home.pop_back();
  CHECK(has(test::CodexScratch::read(fake.folder() / "args"),
            "debug models -c model_catalog_json=\"" + home));
  CHECK_FALSE(fs::exists(home));
}

TEST_CASE("what Codex refuses is passed on without traces and scratch paths") {
  const FakeCodex fake(
      "echo 'WARNING: x' >&2; echo \"Error: $CODEX_HOME/config.toml:1:2: bad\" >&2\n"
      "echo 'Stack backtrace: 0: y' >&2; exit 1\n");
  const auto checked = check_accepts({fake.program(), "9", true}, "model = 1\n", std::nullopt);
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().code == Code::invalid);
  CHECK(has(checked.error().message, "$CODEX_HOME/config.toml:1:2: bad"));
  CHECK_FALSE(has(checked.error().message, "backtrace"));
  CHECK_FALSE(has(checked.error().message, "WARNING"));
}

TEST_CASE("a Codex without the command to check cannot refuse") {
  const FakeCodex fake("echo \"error: unrecognized subcommand 'models'\" >&2; exit 2\n");
  const auto checked = check_accepts({fake.program(), "9", false}, "", "{}");
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().code == Code::unavailable);
}

TEST_CASE("a child that hangs is ended with all it started") {
  const FakeCodex fake("eval \"$1\"\n");
  testing::check_stops_all(fake.folder(), [&](const auto& witness, auto limit) {
    ChildPlan plan;
    plan.argv = {fake.program().string(), witness.hold() + "sleep 600 & " + witness.say() + "wait"};
    plan.limit = limit;
    const auto result = run_child(plan);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Code::timeout);
  });
}

TEST_CASE(
    "a child's output, error and status come back, and a background process does not hold it") {
  const FakeCodex fake("echo out; echo err >&2; exit 7\n");
  ChildPlan plan;
  plan.argv = {fake.program().string()};
  const auto result = run_child(plan);
  REQUIRE(result.has_value());
  CHECK(result->status == 7);
  CHECK(result->out == "out\n");
  CHECK(result->err == "err\n");
  plan.argv = {(fake.folder() / "absent").string()};
  CHECK_FALSE(run_child(plan).has_value());
}
