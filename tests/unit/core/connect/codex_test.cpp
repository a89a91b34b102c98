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

std::string crlf(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
    text.replace(at, 1, "\r\n");
  return text;
}

// Files as users have them.
const std::vector<std::pair<const char*, std::string>> corpus{
    {"empty", ""},
    {"one empty line", "\n"},
    {"only a comment", "# mine\n"},
    {"only a comment without line end", "# mine"},
    {"a root key without line end", "model = \"gpt-5.5\""},
    {"comments everywhere",
     "# top\n\nmodel = \"gpt-5.5\"  # my favourite\n# between\napproval_policy = \"never\"\n\n"
     "# about tui\n[tui]\nnotifications = true # yes\n\n# the end\n"},
    {"CRLF", crlf("model = \"gpt-5.5\"\nmodel_provider = \"openai\"\n\n[tui]\ntheme = \"x\"\n")},
    {"CRLF without last line end", crlf("model = \"gpt-5.5\"\n\n[tui]\ntheme = \"x\"")},
    {"a table without line end", "[tui]\ntheme = \"x\""},
    {"no root keys", "# hello\n[projects.\"/w\"]\ntrust_level = \"trusted\"\n"},
    {"inline tables and arrays",
     "notify = [\n  \"model = 'x'\", # model = 1\n  \"[model_providers.tpool]\",\n]\n"
     "sandbox = { model = \"a\", model_provider = \"b\" }\n[mcp_servers]\nx = { command = \"y\" "
     "}\n"},
    {"multi-line strings",
     "developer_instructions = \"\"\"\nmodel = \"not me\"\n[model_providers.tpool]\n\"\"\"\n"
     "compact_prompt = '''\nmodel_provider = 'nor me'\n'''\nmodel = 'gpt-5.5'\n"},
    {"same-named keys in other tables",
     "[profiles.x]\nmodel = \"a\"\nmodel_provider = \"b\"\nmodel_catalog_json = \"c\"\n\n"
     "[profiles.tpool]\nmodel = \"d\"\n\n[other.model_providers.tpool]\nname = \"no\"\n"},
    {"own provider named tpool",
     "model_provider = \"tpool\"\n\n[model_providers.tpool]\nname = \"Mine\"\n# key\n"
     "base_url = \"http://10.0.0.1/v1\"\n\n[model_providers.tpool.http_headers]\na = \"b\"\n\n"
     "# next\n[tui]\ntheme = \"x\"\n"},
    {"own provider at the very end", "[model_providers.tpool]\nname = \"Mine\""},
    {"own provider with a token like ours",
     "[model_providers.tpool]\nname = \"tpool\"\nexperimental_bearer_token = \"tpool_mine\"\n"},
    {"own provider as dotted root keys",
     "model_providers.tpool.name = \"Mine\"\nmodel_providers.tpool.base_url = \"http://a/v1\"\n"
     "model = \"gpt-5.5\"\n\n[tui]\ntheme = \"x\"\n"},
    {"own provider below its parent",
     "[model_providers]\nother = { name = \"O\" }\ntpool = { name = \"Mine\" } # m\n"
     "tpool2.name = \"x\"\n\n[tui]\n"},
    {"own provider dotted below its parent",
     "[model_providers]\ntpool.name = \"Mine\"\ntpool.base_url = \"http://a\"\n"},
    {"providers as one inline table", "model_providers = { other = { name = \"O\" } }\n[tui]\n"},
    {"providers as one empty inline table", "model_providers = {}\n"},
    {"own provider in one inline table",
     "model_providers = { a = { name = \"A\" }, tpool = { name = \"Mine\" } } # all\n"},
    {"quoted keys",
     "\"model\" = 'gpt-5.5'\n'model_provider' = \"openai\"\n"
     "[\"model_providers\".'tpool']\nname = \"Mine\"\n"},
    {"a byte order mark", "\xef\xbb\xbfmodel = \"gpt-5.5\"\n"},
    {"blank lines at the end", "model = \"gpt-5.5\"\n\n\n\n"},
    {"a model of the pool already", "model = \"deepseek/deepseek-chat\"\n"},
};

const std::vector<std::pair<CatalogMode, bool>> ways{{CatalogMode::live, false},
                                                     {CatalogMode::file, false},
                                                     {CatalogMode::live, true},
                                                     {CatalogMode::file, true}};

}  // namespace

TEST_CASE("enable and disable leave every file as it was, byte for byte") {
  for (const auto& [name, text] : corpus)
    for (const auto& [mode, profile] : ways) {
      CAPTURE(name);
      CAPTURE(profile);
      CodexScratch scratch;
      scratch.write(text);
      scratch.wiring.mode = mode;
      scratch.wiring.profile = profile;
      scratch.must_enable();
      const auto facts =
          read_codex(CodexScratch::read(profile ? scratch.profile() : scratch.config()));
      REQUIRE(facts.has_value());
      CHECK(facts->ours);
      CHECK(facts->model_provider == "tpool");
      CHECK(facts->model == "deepseek/deepseek-chat");
      CHECK(facts->token == "tpool_first-token");
      CHECK(facts->base_url == "http://127.0.0.1:3301/v1");
      CHECK(facts->catalog_url.empty() == (mode == CatalogMode::file));
      CHECK(fs::exists(scratch.catalog_file()) == (mode == CatalogMode::file));
      if (profile) CHECK(scratch.read() == text);
      scratch.must_disable();
      CHECK(scratch.read() == text);
      CHECK_FALSE(fs::exists(scratch.profile()));
      CHECK_FALSE(fs::exists(scratch.catalog_file()));
      CHECK(fs::is_empty(scratch.paths.snapshots()));
    }
}

TEST_CASE("the same holds without the fast path, when only a comment was added meanwhile") {
  for (const auto& [name, text] : corpus) {
    CAPTURE(name);
    CodexScratch scratch;
    scratch.write(text);
    scratch.must_enable();
    const bool bom = text.starts_with("\xef\xbb\xbf");
    const auto at = bom ? 3 : 0;
    auto edited = scratch.read();
    edited.insert(static_cast<std::size_t>(at), "# added by hand\n");
    scratch.write(edited);
    scratch.must_disable();
    auto expected = text;
    expected.insert(static_cast<std::size_t>(at), "# added by hand\n");
    const std::string own_dotted = "model_providers.tpool.name";
    if (has(text, own_dotted)) {
      // Dotted keys come back behind the other root keys: the same values, elsewhere.
      const auto facts = read_codex(scratch.read());
      CHECK(facts->provider);
      CHECK_FALSE(facts->ours);
      CHECK(facts->base_url == "http://a/v1");
      CHECK(has(scratch.read(), own_dotted + " = \"Mine\"\n"));
    } else if (std::string(name) == "own provider below its parent") {
      CHECK(has(scratch.read(), "tpool = { name = \"Mine\" } # m\n"));
      CHECK(has(scratch.read(), "other = { name = \"O\" }\n"));
    } else {
      CHECK(scratch.read() == expected);
    }
  }
}

TEST_CASE("a config.toml that was not there is gone again, mode 0600 while it is") {
  CodexScratch scratch;
  scratch.must_enable();
  CHECK(fs::status(scratch.config()).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  scratch.must_disable();
  CHECK_FALSE(fs::exists(scratch.config()));
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

TEST_CASE("enable twice is enable once, and disable twice is disable once") {
  for (const auto& [name, text] : corpus) {
    CAPTURE(name);
    CodexScratch scratch;
    scratch.write(text);
    scratch.must_enable();
    const auto once = scratch.read();
    auto again = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
    REQUIRE(again.has_value());
    CHECK_FALSE(again->changes_anything());
    CHECK_FALSE(again->restart_codex);
    scratch.must_enable();
    CHECK(scratch.read() == once);
    scratch.must_disable();
    CHECK(scratch.read() == text);
    CHECK_FALSE(scratch.must_disable().changes_anything());
    CHECK(scratch.read() == text);
  }
}

TEST_CASE("a user's own table named tpool is left alone when it was never ours") {
  for (const auto& [name, text] : corpus) {
    CAPTURE(name);
    CodexScratch scratch;
    scratch.write(text);
    CHECK_FALSE(scratch.must_disable().changes_anything());
    CHECK(scratch.read() == text);
    CHECK_FALSE(inspect(scratch.paths, scratch.home)->config);
  }
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
  fs::permissions(real, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink("../dotfiles/codex.toml", scratch.config());
  scratch.must_enable();
  CHECK(fs::is_symlink(scratch.config()));
  CHECK(read_codex(CodexScratch::read(real))->ours);
  CHECK((fs::status(real).permissions() & fs::perms::group_read) != fs::perms::none);
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
