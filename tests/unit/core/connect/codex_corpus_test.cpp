// Enable and disable over config.toml files as users have them.
#include <doctest/doctest.h>

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
