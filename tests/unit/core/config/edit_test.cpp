#include "core/config/edit.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "core/config/toml.hpp"
#include "core/config/validate.hpp"
#include "corpus.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

Config full() { return *parse(tpool::testing::corpus_text("full.toml"), "store"); }

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> ids(const Config& config) {
  std::vector<std::string> all;
  for (const Provider& provider : config.providers) all.push_back(provider.id);
  return all;
}

Config with_providers(std::initializer_list<const char*> names) {
  Config config;
  for (const char* name : names) {
    ProviderFields fields;
    fields.protocol = "echo";
    REQUIRE(add_provider(config, name, fields, std::nullopt).has_value());
  }
  return config;
}

}  // namespace

TEST_CASE("an id is made from any name, and numbered when taken") {
  const Config empty;
  CHECK(derive_provider_id(empty, "DeepSeek") == "deepseek");
  CHECK(derive_provider_id(empty, "  My  Cool/Provider! ") == "my-cool-provider");
  CHECK(derive_provider_id(empty, "M\xC3\xBCller & S\xC3\xB6hne Gro\xC3\x9F") ==
        "mueller-soehne-gross");
  CHECK(derive_provider_id(empty, "\xE6\xB7\xB1\xE5\xBA\xA6") == "provider");
  CHECK(derive_provider_id(empty, "") == "provider");
  CHECK(derive_provider_id(empty, "a_b-c.d") == "a_b-c-d");
  CHECK(derive_provider_id(empty, "x\xC3") == "x");
  const Config taken = with_providers({"a", "a-2"});
  CHECK(derive_provider_id(taken, "A") == "a-3");
  const std::string longest(56, 'x');
  const std::string numbered =
      derive_provider_id(with_providers({longest.c_str()}), std::string(100, 'X'));
  CHECK(numbered == std::string(54, 'x') + "-2");
  CHECK(is_provider_id(numbered));
}

TEST_CASE("adding a provider takes its fields and its key") {
  Config config;
  ProviderFields fields;
  fields.name = "Deep";
  fields.preset = "deepseek";
  fields.protocol = "chat";
  fields.auth = "x-api-key";
  fields.rpm = 60;
  const auto change =
      add_provider(config, "deep", fields, Key{"", {SecretRef::Kind::env, "DEEP_KEY"}});
  REQUIRE(change.has_value());
  CHECK(change->summary == "added provider deep");
  CHECK(config.providers[0].auth == Auth::x_api_key);
  CHECK(config.providers[0].limits.rpm == 60);
  CHECK_FALSE(config.providers[0].models);
  CHECK(config.providers[0].keys[0].id == "main");
  CHECK(validate(config).empty());
  CHECK(add_provider(config, "deep", {}, std::nullopt).error().code == Code::conflict);
  CHECK(add_provider(config, "De ep", {}, std::nullopt).error().code == Code::invalid);
  fields.protocol = "smoke";
  CHECK(holds(add_provider(config, "x", fields, std::nullopt).error().message, "one of responses"));
}

TEST_CASE("editing touches only the named fields, and empty clears") {
  Config config = full();
  const Provider before = config.providers[0];
  ProviderFields fields;
  fields.name = "";
  fields.concurrency = 0;
  fields.tags = {{"new"}};
  REQUIRE(edit_provider(config, "deepseek", fields).has_value());
  Provider expected = before;
  expected.name.reset();
  expected.limits.concurrency.reset();
  expected.tags = {"new"};
  CHECK(config.providers[0] == expected);
  CHECK(edit_provider(config, "deepseek", {})->summary == "provider deepseek is already so");
}

TEST_CASE("a new address empties a curated list and says so") {
  Config config = full();
  ProviderFields fields;
  fields.base_url = "https://elsewhere/v1";
  const auto change = edit_provider(config, "deepseek", fields);
  REQUIRE(change.has_value());
  CHECK(config.providers[0].models == std::vector<std::string>{});
  REQUIRE(change->notes.size() == 1);
  CHECK(holds(change->notes[0], "list of 2 models was emptied"));
  // Not when a new list comes along, not when there is none, not when the address stays.
  config = full();
  fields.models = {{"other"}};
  CHECK(edit_provider(config, "deepseek", fields)->notes.empty());
  CHECK(config.providers[0].models == std::vector<std::string>{"other"});
  fields.models.reset();
  CHECK(edit_provider(config, "other", fields)->notes.empty());
  CHECK_FALSE(config.providers[1].models);
  fields = {};
  fields.protocol = "chat";
  config = full();
  CHECK(edit_provider(config, "deepseek", fields)->notes.empty());
  fields.protocol = "responses";
  CHECK(edit_provider(config, "deepseek", fields)->notes.size() == 1);
  fields = {};
  fields.all_models = true;
  CHECK(edit_provider(config, "deepseek", fields).has_value());
  CHECK_FALSE(config.providers[0].models);
  fields.models = {{"x"}};
  CHECK(edit_provider(config, "deepseek", fields).error().code == Code::invalid);
}

TEST_CASE("renaming takes every reference along and leaves aliases") {
  Config config = full();
  config.rules.push_back({"r", {}, "m", "deepseek"});
  config.budgets.push_back({"provider", "deepseek", 1});
  config.clients[0].models = {"deepseek/*", "deepseekish"};
  const auto change = rename_provider(config, "deepseek", "ds");
  REQUIRE(change.has_value());
  CHECK(config.providers[0].id == "ds");
  CHECK(config.settings.default_model == "ds/deepseek-chat");
  CHECK(config.aliases[0].target == "ds/deepseek-chat");
  CHECK(config.rules.back().provider == "ds");
  CHECK(config.budgets.back().name == "ds");
  CHECK(config.clients[0].models == std::vector<std::string>{"ds/*", "deepseek/*", "deepseekish"});
  REQUIRE(config.aliases.size() == 3);
  CHECK(config.aliases[1] == Alias{"deepseek/deepseek-chat", "ds/deepseek-chat", true});
  CHECK(validate(config).empty());
  CHECK(holds(change->notes.at(0), "2 aliases"));
  // And back: the slugs are real again, so their aliases go.
  REQUIRE(rename_provider(config, "ds", "deepseek").has_value());
  CHECK(config.settings.default_model == "deepseek/deepseek-chat");
  CHECK(config.clients[0].models == std::vector<std::string>{"deepseek/*", "ds/*", "deepseekish"});
  CHECK(validate(config).empty());
  CHECK(rename_provider(config, "deepseek", "other").error().code == Code::conflict);
  CHECK(rename_provider(config, "deepseek", "No!").error().code == Code::invalid);
  // One alias stands for all that a provider without a list of its own offers, now and later.
  CHECK(holds(rename_provider(config, "other", "third")->notes.at(0), "1 alias"));
  CHECK(config.aliases.back() == Alias{"other/*", "third/*", true});
  CHECK(validate(config).empty());
  REQUIRE(rename_provider(config, "third", "other").has_value());
  CHECK(config.aliases.back() == Alias{"third/*", "other/*", true});
}

TEST_CASE("renaming a provider tells which patterns of clients may lose its models") {
  Config config = full();
  config.clients[0].models = {"*",         "*/deepseek-chat",   "deepseek/*", "deepseek*",
                              "deep*chat", "/^deepseek\\/r1$/", "deepl/*",    "other/*"};
  const auto models = config.clients[0].models;
  const auto change = rename_provider(config, "deepseek", "ds");
  REQUIRE(change.has_value());
  REQUIRE(change->notes.size() == 4);
  CHECK(holds(change->notes[1], "client " + config.clients[0].id + ": the pattern deepseek* "));
  CHECK(holds(change->notes[2], "the pattern deep*chat is left as it is"));
  CHECK(holds(change->notes[3], "the pattern /^deepseek\\/r1$/ is left"));
  for (const auto& pattern : models) {
    CAPTURE(pattern);
    CHECK(std::ranges::count(config.clients[0].models, pattern) == 1);
  }
  CHECK(config.clients[0].models.size() == models.size() + 1);
  CHECK(validate(config).empty());
}

TEST_CASE("a provider in use is not removed without force") {
  Config config = full();
  CHECK(provider_users(config, "deepseek") ==
        std::vector<std::string>{"settings.default_model", "alias codex-auto-review"});
  const auto refused = remove_provider(config, "deepseek", false);
  CHECK(refused.error().code == Code::conflict);
  CHECK(holds(refused.error().message, "alias codex-auto-review"));
  const auto forced = remove_provider(config, "deepseek", true);
  CHECK(forced->notes.size() == 2);
  CHECK(ids(config) == std::vector<std::string>{"other"});
  CHECK(validate(config).empty());
  CHECK(provider_users(full(), "other") ==
        std::vector<std::string>{"failover of provider deepseek"});
  CHECK(remove_provider(config, "othr", false).error().hint == "did you mean other?");
}

TEST_CASE("providers are enabled and disabled") {
  Config config = full();
  CHECK(set_provider_enabled(config, "other", false)->summary == "disabled provider other");
  CHECK_FALSE(config.providers[1].enabled);
  CHECK(set_provider_enabled(config, "other", false)->summary ==
        "provider other is already disabled");
  CHECK(set_provider_enabled(config, "x", true).error().code == Code::not_found);
}

TEST_CASE("providers move before and after each other") {
  Config config = with_providers({"a", "b", "c"});
  using Ids = std::vector<std::string>;
  REQUIRE(move_provider(config, "c", "a", std::nullopt).has_value());
  CHECK(ids(config) == Ids{"c", "a", "b"});
  REQUIRE(move_provider(config, "c", std::nullopt, "a").has_value());
  CHECK(ids(config) == Ids{"a", "c", "b"});
  CHECK(move_provider(config, "c", std::nullopt, "a")->summary == "provider c is already after a");
  CHECK(move_provider(config, "c", "a", "b").error().code == Code::invalid);
  CHECK(move_provider(config, "c", std::nullopt, std::nullopt).error().code == Code::invalid);
  CHECK(move_provider(config, "c", "c", std::nullopt).error().code == Code::invalid);
  CHECK(move_provider(config, "c", "x", std::nullopt).error().code == Code::not_found);
  CHECK(ids(config) == Ids{"a", "c", "b"});
}

TEST_CASE("keys get an id of their own, and the last one's removal is noted") {
  Config config = with_providers({"a"});
  const Key key{"", {SecretRef::Kind::env, "A"}};
  CHECK(add_key(config, "a", key)->summary == "added key main to provider a");
  CHECK(add_key(config, "a", key)->summary == "added key key-2 to provider a");
  CHECK(add_key(config, "a", Key{"main"}).error().code == Code::conflict);
  CHECK(remove_key(config, "a", "mian").error().hint == "did you mean main?");
  CHECK(remove_key(config, "a", "main")->notes.empty());
  CHECK(remove_key(config, "a", "key-2")->notes.size() == 1);
  CHECK(add_key(config, "b", key).error().code == Code::not_found);
}

TEST_CASE("aliases are added once and never over a model or a slug") {
  Config config = full();
  REQUIRE(add_alias(config, "gpt-5.5", "deepseek/deepseek-chat").has_value());
  CHECK(add_alias(config, "gpt-5.5", "x").error().code == Code::conflict);
  CHECK(holds(add_alias(config, "gpt-5.5", "deepseek/deepseek-chat")->summary, "already"));
  CHECK(add_alias(config, "claude-sonnet-4.5", "x").error().code == Code::conflict);
  CHECK(add_alias(config, "deepseek/deepseek-chat", "x").error().code == Code::conflict);
  REQUIRE(remove_alias(config, "gpt-5.5").has_value());
  CHECK(remove_alias(config, "gpt-5.5").error().code == Code::not_found);
}

TEST_CASE("the pool is switched, with the way its catalog travels") {
  Config config;
  CHECK(set_pool_enabled(config, true, "file")->summary == "enabled the pool");
  CHECK(config.pool.catalog == "file");
  CHECK(set_pool_enabled(config, true, std::nullopt)->summary == "the pool is already enabled");
  CHECK(config.pool.catalog == "file");
  CHECK(set_pool_enabled(config, true, "smoke").error().code == Code::invalid);
}

TEST_CASE("settings are set by name, cleared by nothing, and unknown ones suggest") {
  Config config;
  REQUIRE(set_setting(config, "listen", "127.0.0.1:1").has_value());
  REQUIRE(set_setting(config, "settings.profile", "cheap").has_value());
  REQUIRE(set_setting(config, "effort_suffix", "true").has_value());
  REQUIRE(set_setting(config, "failover", "a/b, c/d").has_value());
  CHECK(config.settings.failover == Failover{Failover::Mode::list, {"a/b", "c/d"}});
  REQUIRE(set_setting(config, "failover", "same-model").has_value());
  CHECK(config.settings.failover->mode == Failover::Mode::same_model);
  REQUIRE(set_setting(config, "listen", "").has_value());
  CHECK_FALSE(config.settings.listen);
  CHECK(set_setting(config, "effort_suffix", "yes").error().code == Code::invalid);
  REQUIRE(set_setting(config, "keep_turns", "90m").has_value());
  CHECK(config.settings.keep_turns == Milliseconds(5'400'000));
  CHECK(set_setting(config, "keep_turns", "soon").error().code == Code::invalid);
  CHECK(set_setting(config, "strategy", "best").error().code == Code::invalid);
  CHECK(set_setting(config, "failover", "never").error().code == Code::invalid);
  CHECK(set_setting(config, "lisen", "x").error().hint == "did you mean listen?");
  CHECK_FALSE(holds(set_setting(config, "proxy", "http://u:secret@h:1")->summary, "secret"));
}

TEST_CASE("a client keeps everything but its hash when it is replaced") {
  Config config;
  REQUIRE(put_client(config, {"codex", std::string(64, 'a'), "admin", {"x"}}, false).has_value());
  CHECK(put_client(config, {"codex", std::string(64, 'b')}, false).error().code == Code::conflict);
  REQUIRE(put_client(config, {"codex", std::string(64, 'b')}, true).has_value());
  CHECK(config.clients[0] == Client{"codex", std::string(64, 'b'), "admin", {"x"}});
  REQUIRE(revoke_client(config, "codex", false).has_value());
  CHECK(revoke_client(config, "codex", false).error().code == Code::not_found);
}

TEST_CASE("suggestions are near in spelling, or begin or end the same") {
  const std::vector<std::string> known{"deepseek", "openai", "openrouter", "ollama",
                                       "deepseek/deepseek-chat"};
  CHECK(nearest("depseek", known).front() == "deepseek");
  CHECK(nearest("oepnai", known).front() == "openai");
  CHECK(nearest("OPENAI", known).front() == "openai");
  CHECK(nearest("deepseek-chat", known).front() == "deepseek/deepseek-chat");
  CHECK(nearest("open", known).size() == 2);
  CHECK(nearest("zzzz", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("a", {"a1", "a2", "a3", "a4", "a1"}).size() == 3);
}
