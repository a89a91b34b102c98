#include "core/connect/codex.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "codex_scratch.hpp"
#include "core/connect/codex_text.hpp"

using namespace tpool;
using namespace tpool::connect;
using tpool::test::CodexScratch;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a config.toml that was not there is gone again, mode 0600 while it is") {
  CodexScratch scratch;
  scratch.must_enable();
  CHECK(fs::status(scratch.config()).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  scratch.must_disable();
  CHECK_FALSE(fs::exists(scratch.config()));
}

TEST_CASE("nobody else reads a config.toml with a token, and its mode comes back") {
  CodexScratch scratch;
  const auto mode = [&] {
    return static_cast<unsigned>(fs::status(scratch.config()).permissions());
  };
  scratch.write("model = \"gpt-5.5\"\n");
  fs::permissions(scratch.config(), fs::perms(0644));
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  CHECK(has(plan->notes.front(), "0644 becomes 0600"));
  scratch.must_enable();
  CHECK(mode() == 0600);
  scratch.must_enable();
  CHECK(mode() == 0600);
  scratch.must_disable();
  CHECK(mode() == 0644);

  // A file that is opened again is closed again by the next sync, and is then left as it was.
  scratch.must_enable();
  fs::permissions(scratch.config(), fs::perms(0640));
  scratch.must_enable();
  CHECK(mode() == 0600);
  scratch.must_disable();
  CHECK(mode() == 0640);

  // Closed by the user meanwhile in another way.
  scratch.must_enable();
  fs::permissions(scratch.config(), fs::perms(0400));
  scratch.must_disable();
  CHECK(mode() == 0400);
}

TEST_CASE("a missing CODEX_HOME is made by enable and is no problem for disable") {
  CodexScratch scratch;
  fs::remove(scratch.home);
  CHECK_FALSE(scratch.must_disable().changes_anything());
  scratch.must_enable();
  CHECK(fs::exists(scratch.config()));
  scratch.must_disable();
  CHECK_FALSE(fs::exists(scratch.config()));
}

TEST_CASE("another address, token or mode changes the table in place, and restores all the same") {
  CodexScratch scratch;
  const std::string text = "model = \"gpt-5.5\"\n\n[tui]\ntheme = \"x\"\n";
  scratch.write(text);
  scratch.must_enable();
  scratch.write(scratch.read() + "\n[projects.\"/w\"]\ntrust_level = \"trusted\"\n");
  scratch.wiring.listen = "127.0.0.1:4000";
  scratch.wiring.token = config::Secret("tpool_second");
  scratch.wiring.mode = CatalogMode::file;
  scratch.must_enable();
  auto facts = read_codex(scratch.read());
  CHECK(facts->base_url == "http://127.0.0.1:4000/v1");
  CHECK(facts->token == "tpool_second");
  CHECK(facts->catalog_url.empty());
  CHECK(facts->model_catalog_json == scratch.catalog_file().string());
  scratch.wiring.mode = CatalogMode::live;
  scratch.wiring.token = {};
  scratch.must_enable();
  facts = read_codex(scratch.read());
  CHECK(facts->token == "tpool_second");
  CHECK_FALSE(facts->model_catalog_json);
  CHECK_FALSE(fs::exists(scratch.catalog_file()));
  scratch.must_disable();
  CHECK(scratch.read() == text + "\n[projects.\"/w\"]\ntrust_level = \"trusted\"\n");
}

TEST_CASE("without a token anywhere nothing is written") {
  CodexScratch scratch;
  scratch.wiring.token = {};
  const auto enabled = scratch.enable();
  REQUIRE_FALSE(enabled.has_value());
  CHECK(enabled.error().code == Code::not_found);
  CHECK_FALSE(fs::exists(scratch.config()));
}

TEST_CASE("hand edits between enable and disable are kept, and only they") {
  CodexScratch scratch;
  scratch.write("# top\nmodel = \"gpt-5.5\" # mine\n\n[tui]\ntheme = \"x\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  text.insert(text.find("[tui]"), "[projects.\"/w\"]\ntrust_level = \"trusted\"\n\n");
  text.replace(text.find("\"x\""), 3, "\"y\"");
  text += "\n# afterwards\n[mcp_servers.a]\ncommand = \"b\"\n";
  scratch.write(text);
  scratch.must_disable();
  CHECK(scratch.read() ==
        "# top\nmodel = \"gpt-5.5\" # mine\n\n[projects.\"/w\"]\ntrust_level = \"trusted\"\n\n"
        "[tui]\ntheme = \"y\"\n\n# afterwards\n[mcp_servers.a]\ncommand = \"b\"\n");
}

TEST_CASE("a pool model chosen with /model goes back to the user's value, and the output says so") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  const std::string first = "\"deepseek/deepseek-chat\"";
  text.replace(text.find(first), first.size(),
               "\"deepseek/deepseek-reasoner\"\nmodel_reasoning_effort = \"high\"");
  scratch.write(text);
  scratch.must_enable();
  CHECK(read_codex(scratch.read())->model == "deepseek/deepseek-reasoner");
  const auto plan = scratch.must_disable();
  CHECK(scratch.read() == "model = \"gpt-5.5\"\nmodel_reasoning_effort = \"high\"\n");
  CHECK(std::any_of(plan.notes.begin(), plan.notes.end(),
                    [](const std::string& note) { return has(note, "deepseek-reasoner"); }));
}

TEST_CASE("a pool model chosen with /model is removed when there was none before") {
  CodexScratch scratch;
  scratch.must_enable();
  auto text = scratch.read();
  const std::string first = "\"deepseek/deepseek-chat\"";
  text.replace(text.find(first), first.size(), "\"deepseek/deepseek-reasoner\"");
  scratch.write(text);
  scratch.must_disable();
  CHECK_FALSE(fs::exists(scratch.config()));
}

TEST_CASE("a model of the user's own choosing outside the pool stays") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  const std::string first = "\"deepseek/deepseek-chat\"";
  text.replace(text.find(first), first.size(), "\"gpt-6-astra\"");
  scratch.write(text);
  scratch.must_disable();
  CHECK(scratch.read() == "model = \"gpt-6-astra\"\n");
}

TEST_CASE("a user's model that the pool offers is not changed by enable") {
  CodexScratch scratch;
  scratch.write("model = \"deepseek/deepseek-reasoner\"\n");
  scratch.must_enable();
  CHECK(read_codex(scratch.read())->model == "deepseek/deepseek-reasoner");
  scratch.must_disable();
  CHECK(scratch.read() == "model = \"deepseek/deepseek-reasoner\"\n");
}

TEST_CASE("a provider the user has switched to meanwhile stays") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  text.replace(text.find("\"tpool\""), 7, "\"other\"");
  scratch.write(text + "\n[model_providers.other]\nname = \"O\"\n");
  scratch.must_disable();
  CHECK(read_codex(scratch.read())->model_provider == "other");
  CHECK(read_codex(scratch.read())->model == "gpt-5.5");
  CHECK_FALSE(has(scratch.read(), "[model_providers.tpool]"));
}

TEST_CASE("a user-owned model catalog is a conflict, and --force puts it back afterwards") {
  for (const auto mode : {CatalogMode::live, CatalogMode::file}) {
    CodexScratch scratch;
    const std::string text = "model = \"m\"\nmodel_catalog_json = \"~/mine.json\" # mine\n[tui]\n";
    scratch.write(text);
    scratch.wiring.mode = mode;
    const auto refused = scratch.enable();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::conflict);
    CHECK(has(refused.error().message, "~/mine.json"));
    CHECK(scratch.read() == text);
    scratch.wiring.force = true;
    scratch.must_enable();
    CHECK_FALSE(has(scratch.read(), "~/mine.json"));
    scratch.wiring.force = false;
    scratch.must_enable();
    const auto wired = scratch.read();
    scratch.must_disable();
    CHECK(scratch.read() == text);

    scratch.wiring.force = true;
    scratch.must_enable();
    scratch.write("# edited\n" + scratch.read());
    scratch.must_disable();
    CHECK(read_codex(scratch.read())->model_catalog_json == "~/mine.json");
    CHECK(has(scratch.read(), "# mine"));
  }
}

TEST_CASE("a lost or damaged snapshot still lets disable take out what is marked as ours") {
  for (const bool damaged : {false, true}) {
    CodexScratch scratch;
    scratch.write("approval_policy = \"never\"\n\n[tui]\ntheme = \"x\"\n");
    scratch.wiring.mode = CatalogMode::file;
    scratch.must_enable();
    if (damaged)
      for (const auto& entry : fs::directory_iterator(scratch.paths.snapshots()))
        CodexScratch::write(entry.path(), "{\"file\":");
    else
      scratch.forget_snapshots();
    const auto plan = scratch.must_disable();
    CHECK(scratch.read() == "approval_policy = \"never\"\n\n[tui]\ntheme = \"x\"\n");
    CHECK_FALSE(fs::exists(scratch.catalog_file()));
    CHECK(std::any_of(plan.notes.begin(), plan.notes.end(),
                      [](const std::string& note) { return has(note, "snapshot"); }));
    CHECK_FALSE(scratch.must_disable().changes_anything());
  }
}

TEST_CASE("a backup that holds our values is never taken for the user's own file") {
  CodexScratch scratch;
  scratch.write("approval_policy = \"never\"\n");
  scratch.must_enable();
  const auto backup = scratch.read();
  scratch.must_disable();
  scratch.write(backup);
  scratch.must_enable();
  scratch.must_disable();
  CHECK(scratch.read() == "approval_policy = \"never\"\n");
}

TEST_CASE("a backup from before we came, restored by hand, is the user's file again") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  scratch.write("model = \"gpt-6-astra\"\n# restored\n");
  scratch.must_enable();
  scratch.must_disable();
  CHECK(scratch.read() == "model = \"gpt-6-astra\"\n# restored\n");
}

TEST_CASE("a table whose mark is gone, or a table that is gone, is settled by the snapshot") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  text.resize(text.find("[model_providers.tpool]"));
  scratch.write(text);
  scratch.must_disable();
  CHECK(read_codex(scratch.read())->model == "gpt-5.5");
  CHECK_FALSE(read_codex(scratch.read())->model_provider);
}

TEST_CASE("a table that lost its mark by hand is still told by the token we wrote") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  auto text = scratch.read();
  const auto mark = text.find("# Written by tpool");
  text.erase(mark, text.find('\n', mark) + 1 - mark);
  scratch.write(text);
  SUBCASE("disabled at once") {}
  SUBCASE("enabled again first") { scratch.must_enable(); }
  scratch.must_disable();
  CHECK(scratch.read() == "model = \"gpt-5.5\"\n");
}

TEST_CASE("keys added to our table outlast a re-sync, and go with the table") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  scratch.write(scratch.read() + "request_max_retries = 1 # mine\n\n# tail\n");
  scratch.wiring.listen = "127.0.0.1:4000";
  scratch.must_enable();
  CHECK(has(scratch.read(), "request_max_retries = 1 # mine\n"));
  CHECK(has(scratch.read(), "127.0.0.1:4000"));
  scratch.must_disable();
  CHECK(scratch.read() == "model = \"gpt-5.5\"\n\n# tail\n");
}

TEST_CASE("a file deleted meanwhile is not brought back") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.must_enable();
  fs::remove(scratch.config());
  CHECK_FALSE(scratch.must_disable().changes_anything());
  CHECK_FALSE(fs::exists(scratch.config()));
}

TEST_CASE("a broken config.toml is named with its place, and nothing is written") {
  CodexScratch scratch;
  for (const std::string text : {"model = \n", "[a\n", "x = 1\nx = 2\n", "a = \"\xff\"\n"}) {
    CAPTURE(text);
    scratch.write(text);
    const auto enabled = scratch.enable();
    REQUIRE_FALSE(enabled.has_value());
    CHECK(enabled.error().code == Code::corrupt);
    CHECK(has(enabled.error().message, "config.toml"));
    CHECK_FALSE(scratch.disable().has_value());
    CHECK(scratch.read() == text);
    CHECK_FALSE(fs::exists(scratch.paths.snapshots()));
    CHECK_FALSE(inspect(scratch.paths, scratch.home).has_value());
  }
}

TEST_CASE("a symlinked config.toml is followed and stays a link") {
  CodexScratch scratch;
  fs::create_directory(scratch.root / "dotfiles");
  const auto real = scratch.root / "dotfiles" / "codex.toml";
  CodexScratch::write(real, "model = \"gpt-5.5\"\n");
  fs::create_symlink("../dotfiles/codex.toml", scratch.config());
  scratch.must_enable();
  CHECK(fs::is_symlink(scratch.config()));
  CHECK(read_codex(CodexScratch::read(real))->ours);
  scratch.must_disable();
  CHECK(fs::is_symlink(scratch.config()));
  CHECK(CodexScratch::read(real) == "model = \"gpt-5.5\"\n");
}

TEST_CASE("a home that cannot be written leaves everything as it was") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  scratch.wiring.mode = CatalogMode::file;
  // A folder where a file must go fails for every user, root included.
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  fs::create_directory(scratch.root / "elsewhere");
  auto blocked = *plan;
  blocked.changes.back().file = scratch.root / "no-such-folder" / "config.toml";
  blocked.changes.back().existed = false;
  blocked.changes.back().before.clear();
  CHECK_FALSE(apply_enable(scratch.paths, scratch.wiring, blocked).has_value());
  CHECK(scratch.read() == "model = \"gpt-5.5\"\n");
  CHECK_FALSE(fs::exists(scratch.catalog_file()));
}

TEST_CASE("a read-only folder is an error that names the file") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  const bool root = ::geteuid() == 0;
  const uid_t nobody = 65534;
  if (root)
    for (const auto& path : {scratch.root, scratch.home, scratch.config()})
      REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
  fs::permissions(scratch.home, fs::perms::owner_read | fs::perms::owner_exec);
  // Modes do not bind root, so somebody else tries.
  const pid_t child = ::fork();
  if (child == 0) {
    if (root && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(3);
    const auto enabled = scratch.enable();
    if (enabled) ::_exit(1);
    ::_exit(has(enabled.error().message, "config.toml") ? 0 : 2);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(scratch.read() == "model = \"gpt-5.5\"\n");
  CHECK(std::distance(fs::directory_iterator(scratch.home), fs::directory_iterator()) == 1);
}

TEST_CASE("a file that changes between plan and apply is not overwritten") {
  CodexScratch scratch;
  scratch.write("model = \"gpt-5.5\"\n");
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  scratch.write("model = \"gpt-5.5\"\n# written by Codex\n");
  const auto applied = apply_enable(scratch.paths, scratch.wiring, *plan);
  REQUIRE_FALSE(applied.has_value());
  CHECK(applied.error().code == Code::conflict);
  CHECK(has(scratch.read(), "# written by Codex"));
}

TEST_CASE("a user's own file in the place of our catalog comes back") {
  CodexScratch scratch;
  CodexScratch::write(scratch.catalog_file(), "{\"mine\":1}");
  CHECK_FALSE(scratch.must_disable().changes_anything());
  CHECK(CodexScratch::read(scratch.catalog_file()) == "{\"mine\":1}");
  scratch.wiring.mode = CatalogMode::file;
  scratch.must_enable();
  scratch.must_enable();
  CHECK(CodexScratch::read(scratch.catalog_file()) == scratch.wiring.catalog_json);
  scratch.must_disable();
  CHECK(CodexScratch::read(scratch.catalog_file()) == "{\"mine\":1}");
}

TEST_CASE("an empty pool wires nothing") {
  CodexScratch scratch;
  auto pool = catalog::build(std::make_shared<config::Config>(), {}, "r");
  REQUIRE(pool.has_value());
  const auto plan = plan_enable(scratch.paths, scratch.wiring, **pool);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == Code::invalid);
}

TEST_CASE("without a readable store disable tells a slug by its slash") {
  CodexScratch scratch;
  scratch.must_enable();
  auto text = scratch.read();
  const std::string first = "\"deepseek/deepseek-chat\"";
  text.replace(text.find(first), first.size(), "\"deepseek/deepseek-reasoner\"");
  scratch.write(text + "\n[tui]\n");
  auto plan = plan_disable(scratch.paths, scratch.home, nullptr);
  REQUIRE(plan.has_value());
  REQUIRE(apply_disable(scratch.paths, scratch.home, *plan).has_value());
  CHECK(scratch.read() == "\n[tui]\n");
}

TEST_CASE("the diff shows what changes and no token") {
  CodexScratch scratch;
  scratch.write(
      "model = \"gpt-5.5\"\n[model_providers.other]\nname = \"O\"\n"
      "experimental_bearer_token = \"sk-others\"\n");
  scratch.wiring.mode = CatalogMode::file;
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  const auto text = diff(*plan);
  CHECK(has(text, "+model_provider = \"tpool\""));
  CHECK(has(text, "-model = \"gpt-5.5\""));
  CHECK(has(text, "tpool-models.json: "));
  CHECK_FALSE(has(text, "first-token"));
  CHECK_FALSE(has(text, "sk-others"));
  CHECK(plan->restart_codex);
  CHECK(has(plan->probe, "[model_providers.tpool]"));
  CHECK(scratch.read() != plan->changes.back().after);
}

TEST_CASE("the diff shows no secret of another program's, whatever its name and form") {
  CodexScratch scratch;
  scratch.write(
      "model = \"gpt-5.5\"\n[mcp_servers.a]\ncommand = \"shown-1\"\n"
      "http_headers = { \"X-Team\" = \"sesame-1\" }\n[mcp_servers.c]\nenv = { PAT = \"sesame-2\" "
      "}\n"
      "[mcp_servers.a.env]\nGITHUB_PAT = \"sesame-3\"\nLIST = [\n\"sesame-4\",\n]\n"
      "[model_providers.b]\nname = \"shown-2\"\nauth = { token = \"sesame-5\" }\n"
      "x = { y = { password = \"sesame-6\", z = \"shown-3\" } }\n");
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  // Every line of the file, as if all of it were near the change.
  std::string text;
  for (auto change : plan->changes) {
    change.before.clear();
    text += diff({.changes = {change}});
  }
  CHECK_FALSE(has(text, "sesame"));
  CHECK_FALSE(has(text, "first-token"));
  for (const char* shown : {"shown-1", "shown-2", "shown-3", "model_catalog_url"})
    CHECK(has(text, shown));
}
