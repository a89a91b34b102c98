#include "core/config/validate.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include <functional>

#include "core/config/toml.hpp"
#include "corpus.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

Config good() {
  auto config = parse(tpool::testing::corpus_text("full.toml"), "store");
  REQUIRE(config.has_value());
  return *config;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Spoiling a good Config this way is exactly one problem, there and in these words.
void refuses(const std::function<void(Config&)>& spoil, std::string_view where,
             std::string_view words) {
  Config config = good();
  spoil(config);
  const auto problems = validate(config);
  CAPTURE(words);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == where);
  CHECK_MESSAGE(holds(problems[0].message, words), problems[0].message);
}

}  // namespace

TEST_CASE("a good Config and an empty one have no problem") {
  CHECK(validate(good()).empty());
  CHECK(validate(Config{}).empty());
  CHECK(require_valid(good()).has_value());
}

TEST_CASE("every store of the corpus is valid") {
  for (const auto& [name, text] : tpool::testing::corpus()) {
    CAPTURE(name);
    CHECK(validate(*parse(text, name)).empty());
  }
}

TEST_CASE("settings are checked") {
  for (const char* listen : {"", "3301", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", ":3301",
                             "a b:1", "::1:3301", "[::1]", "[]:1", "127.0.0.1:-1", "h:1x"})
    refuses([&](Config& c) { c.settings.listen = listen; }, "settings", "listen must be HOST:PORT");
  for (const char* listen : {"0.0.0.0:0", "[::1]:3301", "localhost:65535"}) {
    Config config = good();
    config.settings.listen = listen;
    CHECK(validate(config).empty());
  }
  refuses([](Config& c) { c.settings.strategy = "best"; }, "settings", "strategy must be one of");
  refuses([](Config& c) { c.settings.profile = "slow"; }, "settings", "profile must be one of");
  refuses([](Config& c) { c.settings.on_unknown_model = "x"; }, "settings", "on_unknown_model");
  refuses([](Config& c) { c.settings.default_model = ""; }, "settings", "default_model");
  refuses([](Config& c) { c.settings.proxy = "ftp://x"; }, "settings", "http://");
  refuses([](Config& c) { c.settings.proxy = "proxy:80"; }, "settings", "inherit, direct");
  refuses([](Config& c) { c.pool.catalog = "x"; }, "pool", "catalog must be one of live, file");
  refuses([](Config& c) { c.pool.hide = {""}; }, "pool", "hide");
}

TEST_CASE("provider ids, addresses and headers are checked") {
  const auto base = [](const char* url) {
    return [=](Config& c) { c.providers[1].base_url = url; };
  };
  refuses(base("nowhere"), "provider other", "is not a URL");
  refuses(base("ftp://x/v1"), "provider other", "http:// or https://");
  refuses(base("https://user:sk-x@host/v1"), "provider other", "credentials");
  refuses(base("https://host/v1?key=x"), "provider other", "query");
  refuses(base("https://host/v1#x"), "provider other", "fragment");
  refuses(base("https:///v1"), "provider other", "no host");
  refuses(base("https://host:99999/"), "provider other", "port");
  refuses(base("https://ho st/"), "provider other", "is not a URL");
  refuses([](Config& c) { c.providers[1].id = "Big Id"; }, "provider Big Id", "a-z, 0-9");
  refuses([](Config& c) { c.providers[1].id = std::string(57, 'a'); },
          "provider " + std::string(57, 'a'), "1 to 56");
  refuses([](Config& c) { c.providers[1].protocol.reset(); }, "provider other", "protocol");
  refuses([](Config& c) { c.providers[1].base_url.reset(); }, "provider other", "base_url");
  refuses([](Config& c) { c.providers[1].headers = {{"a b", "x"}}; }, "provider other", "name");
  refuses(
      [](Config& c) {
        c.providers[1].headers = {{"a", "x\r\nEvil: y"}};
      },
      "provider other", "line break");
  refuses(
      [](Config& c) {
        c.providers[1].headers = {{"Content-Length", "1"}};
      },
      "provider other", "how messages travel");
  refuses([](Config& c) { c.providers[1].tags = {"a b"}; }, "provider other", "tag");
  refuses([](Config& c) { c.providers[1].weight = -1; }, "provider other", "weight");
  refuses([](Config& c) { c.providers[1].name = ""; }, "provider other", "name");
  refuses([](Config& c) { c.providers[1].models = {{""}}; }, "provider other", "models");
}

TEST_CASE("limits and timeouts have ranges") {
  for (const std::int64_t wrong : {-1, 0, 1025})
    refuses([&](Config& c) { c.providers[1].limits.concurrency = wrong; }, "provider other",
            "limits.concurrency must be 1 to 1024");
  refuses([](Config& c) { c.providers[1].limits.queue = -1; }, "provider other", "limits.queue");
  refuses([](Config& c) { c.providers[1].limits.rpm = 0; }, "provider other", "limits.rpm");
  refuses([](Config& c) { c.providers[0].keys[0].limits.tpm = 0; }, "key main of provider deepseek",
          "limits.tpm");
  refuses([](Config& c) { c.providers[1].timeouts.idle = Milliseconds(0); }, "provider other",
          "timeouts.idle");
}

TEST_CASE("keys need one source and a group that exists") {
  const std::string_view where = "key main of provider deepseek";
  const auto secret = [](SecretRef ref) {
    return [=](Config& c) { c.providers[0].keys[0].secret = ref; };
  };
  refuses(secret({}), where, "nowhere");
  refuses(secret({SecretRef::Kind::env, "A=B"}), where, "environment variable");
  refuses(secret({SecretRef::Kind::file, "relative"}), where, "full path");
  refuses(secret({SecretRef::Kind::command, "", {}}), where, "list of words");
  refuses(secret({SecretRef::Kind::value, ""}), where, "empty");
  refuses([](Config& c) { c.groups.clear(); }, where, "group team does not exist");
  refuses([](Config& c) { c.providers[0].keys[0].id = ""; }, "key  of provider deepseek", "its id");
  refuses([](Config& c) { c.providers[0].keys[0].proxy = "socks5://x:1"; }, where, "http://");
  Config config = good();
  config.providers[0].keys[0].proxy = "http://user:pass@proxy:3128";
  CHECK(validate(config).empty());
}

TEST_CASE("facts of models are checked") {
  const std::string_view where = "model deepseek-chat of provider deepseek";
  const auto fact = [](auto change) {
    return [=](Config& c) { change(c.providers[0].model_facts[0]); };
  };
  refuses(fact([](ProviderModel& m) { m.context = 0; }), where, "context");
  refuses(fact([](ProviderModel& m) { m.input = {{"smell"}}; }), where,
          "text, image, audio, video, pdf");
  refuses(fact([](ProviderModel& m) { m.cost = Cost{-1}; }), where, "cost.input");
  refuses(fact([](ProviderModel& m) { m.cost = Cost{1e300}; }), where, "cost.input");
}

TEST_CASE("names that collide are refused") {
  refuses([](Config& c) { c.providers.push_back(c.providers[1]); }, "provider other", "twice");
  refuses([](Config& c) { c.providers[0].keys[1].id = "main"; }, "key of provider deepseek main",
          "twice");
  refuses([](Config& c) { c.aliases.push_back(c.aliases[0]); }, "alias codex-auto-review", "twice");
  refuses(
      [](Config& c) {
        c.aliases.push_back({"claude-sonnet-4.5", "x"});
      },
      "alias claude-sonnet-4.5", "id of a model");
  refuses(
      [](Config& c) {
        c.aliases.push_back({"deepseek/deepseek-reasoner", "x"});
      },
      "alias deepseek/deepseek-reasoner", "slug");
  refuses([](Config& c) { c.models.push_back({"deepseek/deepseek-chat"}); },
          "model deepseek/deepseek-chat", "slug");
  refuses([](Config& c) { c.budgets.push_back(c.budgets[0]); }, "budget total", "twice");
  refuses([](Config& c) { c.rules.push_back(c.rules[0]); }, "rule big-prompts", "twice");
}

TEST_CASE("aliases may follow each other, but not in a circle") {
  Config config = good();
  config.aliases.push_back({"a", "b"});
  config.aliases.push_back({"b", "codex-auto-review"});
  CHECK(validate(config).empty());
  config.aliases.back().target = "a";
  CHECK(validate(config).size() == 2);
  refuses([](Config& c) { c.aliases.push_back({"me", "me"}); }, "alias me", "back to itself");
  refuses([](Config& c) { c.aliases.push_back({"me", ""}); }, "alias me", "target");
}

TEST_CASE("rules, budgets and clients are checked") {
  const auto rule = [](auto change) { return [=](Config& c) { change(c.rules[0]); }; };
  refuses(rule([](Rule& r) { r.model = "x"; }), "rule big-prompts", "one of developer and model");
  refuses(rule([](Rule& r) { r.developer.reset(); }), "rule big-prompts", "developer and model");
  refuses(rule([](Rule& r) { r.provider = "x"; }), "rule big-prompts", "one of provider and tag");
  refuses(rule([](Rule& r) { r.match = "*"; }), "rule big-prompts", "neither upstream nor match");
  refuses(rule([](Rule& r) { r.when = "prompt_tokens >> 1"; }), "rule big-prompts", "column 16");
  refuses(rule([](Rule& r) { r.when = ""; }), "rule big-prompts", "empty");
  refuses([](Config& c) { c.budgets[0].name = "x"; }, "budget total x", "no name");
  refuses([](Config& c) { c.budgets[0].scope = "client"; }, "budget client", "name of a client");
  refuses([](Config& c) { c.budgets[0].usd_per_day.reset(); }, "budget total", "usd_per_day");
  for (const double amount : {0.0, -1.0, 1e9, std::nan(""), HUGE_VAL})
    refuses([=](Config& c) { c.budgets[0].usd_per_day = amount; }, "budget total", "more than 0");
  refuses([](Config& c) { c.budgets[0] = {"client", " a", 1}; }, "budget client  a", "unprint");
  refuses([](Config& c) { c.clients[0].token_sha256[0] = 'X'; }, "client codex", "64 lowercase");
  refuses([](Config& c) { c.clients[0].scope = "root"; }, "client codex", "generate, admin");
  refuses([](Config& c) { c.clients[0].id = "a/b"; }, "client a/b", "its id");
}

TEST_CASE("every problem is listed, not just the first") {
  Config config = good();
  config.settings.listen = "x";
  config.providers[1].base_url = "x";
  config.rules[0].id = "";
  const auto result = require_valid(config);
  REQUIRE(result.has_error());
  CHECK(result.error().code == Code::invalid);
  CHECK(result.error().message.starts_with("3 problems:\n"));
  CHECK(holds(result.error().message, "\n  provider other: base_url is not a URL"));
}

TEST_CASE("a value that may be a secret is never part of a problem") {
  Config config = good();
  config.providers[0].keys[0].secret = {SecretRef::Kind::file, "sk-secret"};
  config.providers[0].headers = {{"Authorization", "sk-secret\n"}};
  config.providers[1].base_url = "https://sk-secret@host";
  CHECK(validate(config).size() == 3);
  CHECK_FALSE(holds(require_valid(config).error().message, "sk-secret"));
}
