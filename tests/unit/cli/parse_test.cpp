#include "cli/parse.hpp"

#include <doctest/doctest.h>

#include "cli/commands.hpp"
#include "cli/secret_on_argv.hpp"

using namespace tpool;
using namespace tpool::cli;

namespace {

Result<Parsed> read(const std::vector<std::string>& words) { return parse(commands(), words); }

std::string command_of(const Result<Parsed>& parsed) {
  return parsed ? full_name(parsed->path) : "error: " + parsed.error().message;
}

}  // namespace

TEST_CASE("a noun without a verb is its default verb") {
  CHECK(command_of(read({"provider"})) == "tpool provider list");
  CHECK(command_of(read({"provider", "--json"})) == "tpool provider list");
  CHECK(command_of(read({"provider", "models", "deepseek"})) == "tpool provider models list");
  CHECK(read({"provider", "models", "deepseek"})->arguments.value("PROVIDER") == "deepseek");
}

TEST_CASE("global options stand before, between and after") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--json", "--config", "x", "provider", "list"},
        std::vector<std::string>{"provider", "--config", "x", "--json", "list"},
        std::vector<std::string>{"provider", "list", "--json", "--config=x"}}) {
    const auto parsed = read(words);
    REQUIRE(command_of(parsed) == "tpool provider list");
    CHECK(parsed->arguments.has("--json"));
    CHECK(parsed->arguments.value("--config") == "x");
  }
}

TEST_CASE("values stay as typed: empty, negative, with equals signs, after dashes") {
  CHECK(read({"provider", "edit", "a", "--name", ""})->arguments.value("--name") == "");
  CHECK(read({"provider", "edit", "a", "--name="})->arguments.value("--name") == "");
  CHECK(read({"provider", "edit", "a", "--name=x=y"})->arguments.value("--name") == "x=y");
  CHECK(read({"provider", "edit", "a", "--name", "{}"})->arguments.value("--name") == "{}");
  CHECK(read({"provider", "edit", "a", "--rpm", "-5"})->arguments.value("--rpm") == "-5");
  CHECK(read({"provider", "show", "--", "-x"})->arguments.value("PROVIDER") == "-x");
  CHECK(read({"provider", "edit", "a", "--model", "[x,y]"})->arguments.values("--model") ==
        std::vector<std::string>{"[x,y]"});
}

TEST_CASE("an option is repeated only where it may be") {
  const auto models = read({"provider", "edit", "a", "--model", "x", "--model", "y"});
  REQUIRE(models.has_value());
  CHECK(models->arguments.values("--model") == std::vector<std::string>{"x", "y"});
  const auto names = read({"provider", "edit", "a", "--name", "x", "--name", "y"});
  REQUIRE_FALSE(names.has_value());
  CHECK(names.error().message == "--name was given 2 times");
}

TEST_CASE("mistakes are invalid and name what is near") {
  const auto hint = [](const std::vector<std::string>& words) {
    const auto parsed = read(words);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Code::invalid);
    return parsed.error().hint;
  };
  CHECK(hint({"provder"}) == "did you mean 'provider'?");
  CHECK(hint({"provider", "ad"}) == "did you mean 'add'?");
  CHECK(hint({"provider", "list", "--jsn"}) == "did you mean '--json'?");
  CHECK(hint({"pool", "enable", "--profle"}) == "did you mean '--profile'?");
  CHECK(hint({"pool", "enable", "--catalog", "lve"}) == "use one of: live, file");
  CHECK(hint({"provider", "show"}) == "run 'tpool provider show --help'");
  CHECK(hint({"provider", "show", "a", "b"}) == "run 'tpool provider show --help'");
  CHECK(hint({"serve", "--listen"}) == "run 'tpool serve --help'");
}

TEST_CASE("a secret is refused without being repeated, wherever it stands") {
  const std::string secret = "sk-abcdefgh12345678";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"provider", "add", "x", "--key", secret},
        std::vector<std::string>{"provider", "add", "x", "--api-key=" + secret},
        std::vector<std::string>{"provider", "show", "x", secret}, std::vector<std::string>{secret},
        std::vector<std::string>{"provider", secret},
        std::vector<std::string>{"pool", "enable", "--catalog", secret},
        std::vector<std::string>{"provider", "add", "x", "--token", "plain"}}) {
    const auto parsed = read(words);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == secret_on_argv().message);
    CHECK(parsed.error().hint.find(secret) == std::string::npos);
  }
}

TEST_CASE("help is asked for anywhere, and a dry run only of what changes something") {
  CHECK(read({"provider", "add", "-h"})->help);
  CHECK(read({"help", "provider", "add"})->help);
  CHECK(command_of(read({"help", "provider", "add"})) == "tpool provider add");
  CHECK(read({})->help);
  CHECK(read({"--version"})->version);
  CHECK_FALSE(read({"provider", "list", "--dry-run"}).has_value());
  CHECK(read({"provider", "remove", "a", "--dry-run"}).has_value());
}

TEST_CASE("words shaped like keys are told from names") {
  for (const auto* secret : {"sk-proj-abcdefghijk", "gsk_abcdefghijklmn", "AIzaSyA1234567890abc",
                             "--key-env=sk-abcdefghijkl"})
    CHECK(looks_like_secret(secret));
  for (const auto* name : {"sk-", "deepseek", "skynet-large-model", "hf_x", "sk-learn", ""})
    CHECK_FALSE(looks_like_secret(name));
}
