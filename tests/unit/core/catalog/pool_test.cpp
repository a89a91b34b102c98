#include "core/catalog/pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace tpool;
using namespace tpool::catalog;

namespace {

using Names = std::vector<std::string>;

config::Provider chat_provider(std::string id, std::optional<Names> models) {
  config::Provider provider;
  provider.id = std::move(id);
  provider.protocol = Protocol::chat;
  provider.base_url = "http://127.0.0.1:9/v1";
  provider.models = std::move(models);
  return provider;
}

Result<std::shared_ptr<const Pool>> built(const config::Config& config,
                                          const ModelLists& lists = {}) {
  return build(std::make_shared<const config::Config>(config), lists, "r1");
}

std::shared_ptr<const Pool> must_build(const config::Config& config, const ModelLists& lists = {}) {
  auto pool = built(config, lists);
  REQUIRE_MESSAGE(pool.has_value(), (pool ? std::string() : pool.error().message));
  return *pool;
}

Names names(const Pool& pool) {
  Names result;
  for (const auto& entry : pool.entries) result.push_back(entry.name);
  return result;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a slug is the provider's id, a slash and the raw model id") {
  config::Config config;
  config.providers = {chat_provider("or", Names{"vendor/model:free", "x.y"})};
  const auto pool = must_build(config);
  CHECK(names(*pool) == Names{"or/vendor/model:free", "or/x.y"});
  const auto* entry = pool->find("or/vendor/model:free");
  REQUIRE(entry);
  REQUIRE(entry->routes.size() == 1);
  CHECK(entry->routes[0].upstream == "vendor/model:free");
  CHECK(pool->providers[entry->routes[0].provider].id == "or");
  CHECK(pool->find("or/X.Y") == nullptr);
  CHECK(pool->revision == "r1");
}

TEST_CASE("no list is all that was fetched and chats, a list is exactly these, empty is none") {
  config::Config config;
  config.providers = {chat_provider("p", std::nullopt)};
  const ModelLists lists{{"p", {"b", "text-embedding-3-small", "a"}}};
  CHECK(names(*must_build(config, lists)) == Names{"p/b", "p/a"});
  CHECK(must_build(config)->entries.empty());
  config.providers[0].models = Names{"a", "text-embedding-3-small"};
  CHECK(names(*must_build(config, lists)) == Names{"p/a", "p/text-embedding-3-small"});
  config.providers[0].models = Names{};
  CHECK(must_build(config, lists)->entries.empty());
}

TEST_CASE("a preset's models serve until a list was fetched") {
  config::Config config;
  config::Provider echo;
  echo.id = "echo";
  echo.preset = "echo";
  config.providers = {echo};
  CHECK(names(*must_build(config)) == Names{"echo/echo-1", "echo/echo-reasoner"});
  CHECK(names(*must_build(config, {{"echo", {"echo-1"}}})) == Names{"echo/echo-1"});
}

TEST_CASE("a long-context marker merges with its plain twin and stays in the display") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m", "m[1m]", "n [1M]"})};
  config.providers[0].name = "P";
  const auto pool = must_build(config);
  CHECK(names(*pool) == Names{"p/m", "p/n"});
  CHECK(pool->entries[0].display == "P / m [1m]");
  CHECK(pool->entries[1].routes[0].upstream == "n");
  CHECK(pool->entries[1].facts.context == 1'000'000);
  CHECK(pool->resolve("p/m [1M]") == pool->find("p/m"));
  CHECK(pool->find("p/m [1M]") == nullptr);
}

TEST_CASE("excluded models are reachable by no name") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"keep", "drop-preview"})};
  config.providers[0].exclude = {"*-preview"};
  const auto pool = must_build(config);
  CHECK(names(*pool) == Names{"p/keep"});
  const auto why = pool->explain_unknown("p/drop-preview");
  CHECK(why.code == Code::not_found);
  CHECK(says(why.message, "*-preview"));
}

TEST_CASE("a pattern that cannot be read fails the build and names its owner") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m"})};
  config.providers[0].exclude = {"/(/"};
  auto pool = built(config);
  REQUIRE_FALSE(pool.has_value());
  CHECK(says(pool.error().message, "provider p"));
  config.providers[0].exclude.clear();
  config.pool.hide = {"/[/"};
  pool = built(config);
  REQUIRE_FALSE(pool.has_value());
  CHECK(says(pool.error().message, "pool.hide"));
}

TEST_CASE("a map sends another name, and a name of its own stays out of the lists") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"a"})};
  config.providers[0].map = {{"a", "real-a"}, {"legacy", "a"}};
  const auto pool = must_build(config);
  CHECK(pool->find("p/a")->routes[0].upstream == "real-a");
  REQUIRE(pool->find("p/legacy"));
  CHECK(pool->find("p/legacy")->hidden);
  CHECK(pool->find("p/legacy")->routes[0].upstream == "a");
  config.providers[0].models = Names{};
  CHECK(must_build(config)->entries.empty());
}

TEST_CASE(
    "facts of the store give a model another upstream name, and add it where none is curated") {
  config::Config config;
  config.providers = {chat_provider("p", std::nullopt)};
  config::ProviderModel said{.id = "fast"};
  said.upstream = "deepseek-chat";
  config.providers[0].model_facts = {said};
  const auto pool = must_build(config, {{"p", {"other"}}});
  CHECK(names(*pool) == Names{"p/other", "p/fast"});
  CHECK(pool->find("p/fast")->routes[0].upstream == "deepseek-chat");
}

TEST_CASE("a disabled or unpooled provider is unreachable, and the answer says how to enable it") {
  config::Config config;
  config.providers = {chat_provider("off", Names{"m"}), chat_provider("out", Names{"m"})};
  config.providers[0].enabled = false;
  config.providers[1].pooled = false;
  config.aliases = {{"nick", "off/m"}};
  config.models = {{.id = "m"}};
  const auto pool = must_build(config);
  CHECK(pool->entries.empty());
  CHECK(pool->providers.empty());
  CHECK(pool->default_entry() == nullptr);
  CHECK(says(pool->explain_unknown("off/m").message, "provider off is disabled"));
  CHECK(pool->explain_unknown("off/m").hint == "tpool provider enable off");
  CHECK(says(pool->explain_unknown("out/m").message, "not in the pool"));
  CHECK(says(pool->explain_unknown("nick").message, "alias \"nick\" leads to \"off/m\""));
  CHECK(pool->explain_unknown("nick").hint == "tpool provider enable off");
  CHECK(says(pool->explain_unknown("m").message, "provider off is disabled"));
}

TEST_CASE("a broken provider that is switched off does not fail the build") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m"}), chat_provider("bad", Names{"m"})};
  config.providers[1].base_url.reset();
  config.providers[1].enabled = false;
  CHECK(built(config).has_value());
  config.providers[1].enabled = true;
  const auto pool = built(config);
  REQUIRE_FALSE(pool.has_value());
  CHECK(says(pool.error().message, "provider bad"));
}

TEST_CASE("an unknown name is answered with the nearest, same model elsewhere first") {
  config::Config config;
  config.providers = {chat_provider("alpha", Names{"deepseek-chat", "deepseek-coder"})};
  const auto pool = must_build(config);
  CHECK(says(pool->explain_unknown("deepseek-chat").hint, "alpha/deepseek-chat"));
  CHECK(says(pool->explain_unknown("beta/deepseek-chat").hint, "alpha/deepseek-chat"));
  CHECK(says(pool->explain_unknown("alpha/deepseek-chta").hint, "alpha/deepseek-chat"));
  CHECK(says(pool->explain_unknown("alpha/deepseek-chta").message, "provider alpha has no model"));
  CHECK(pool->explain_unknown("").code == Code::invalid);
  const auto long_name = pool->explain_unknown(std::string(100'000, 'x'));
  CHECK(long_name.message.size() < 500);
  CHECK(says(must_build({})->explain_unknown("x").hint, "tpool provider add"));
}

TEST_CASE("aliases follow aliases, carry their target's route, and hide when only Codex asks") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m"})};
  config.aliases = {
      {"a", "b"}, {"b", "p/m [1m]"}, {"codex-auto-review", "p/m"}, {"h", "p/m", true}};
  const auto pool = must_build(config);
  const auto* slug = pool->find("p/m");
  CHECK(pool->resolve("a") == slug);
  CHECK(pool->resolve("b") == slug);
  CHECK(pool->find("a")->target == "p/m");
  CHECK(pool->find("a")->routes[0].upstream == "m");
  CHECK_FALSE(pool->find("a")->hidden);
  CHECK(pool->find("codex-auto-review")->hidden);
  CHECK(pool->find("h")->hidden);
}

TEST_CASE("the former id of a provider leads to all it lists, but for names somebody else has") {
  config::Config config;
  config.providers = {chat_provider("new", Names{"m", "v/n", "o"}),
                      chat_provider("old", Names{"o"})};
  config.aliases = {{"old/*", "new/*", true}, {"gone/*", "nobody/*", true}};
  const auto pool = must_build(config);
  CHECK(pool->resolve("old/m") == pool->find("new/m"));
  CHECK(pool->resolve("old/v/n") == pool->find("new/v/n"));
  CHECK(pool->find("old/m")->hidden);
  CHECK(pool->find("old/m")->kind == Entry::Kind::alias);
  CHECK(pool->find("old/o")->kind == Entry::Kind::slug);
  CHECK_FALSE(pool->find("old/*"));
  CHECK_FALSE(pool->find("gone/m"));
}

TEST_CASE("aliases in a circle fail the build") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m"})};
  config.aliases = {{"a", "b"}, {"b", "a"}};
  const auto pool = built(config);
  REQUIRE_FALSE(pool.has_value());
  CHECK(pool.error().code == Code::invalid);
}

TEST_CASE("one name for two things is refused") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m"})};
  config.aliases = {{"p/m", "p/m"}};
  auto pool = built(config);
  REQUIRE_FALSE(pool.has_value());
  CHECK(pool.error().code == Code::conflict);
  CHECK(says(pool.error().message, "p/m"));
  config.aliases = {{"x", "p/m"}};
  config.models = {{.id = "x"}};
  config.providers[0].models = Names{"m", "x"};
  CHECK_FALSE(built(config).has_value());
}

TEST_CASE("an independent model runs at every pooled provider that lists its id") {
  config::Config config;
  config.providers = {chat_provider("a", Names{"claude-sonnet-4.5"}),
                      chat_provider("b", Names{"x", "claude-sonnet-4.5"}),
                      chat_provider("c", Names{"x"})};
  config::ProviderModel said{.id = "claude-sonnet-4.5"};
  said.context = 200'000;
  said.input = Names{"text"};
  config.providers[1].model_facts = {said};
  config.models = {{.id = "claude-sonnet-4.5", .developer = "mine"}};
  const auto pool = must_build(config);
  const auto* entry = pool->find("claude-sonnet-4.5");
  REQUIRE(entry);
  CHECK(entry->kind == Entry::Kind::model);
  REQUIRE(entry->routes.size() == 2);
  CHECK(pool->providers[entry->routes[1].provider].id == "b");
  CHECK(entry->facts.context == 200'000);
  CHECK(entry->facts.input == Names{"text"});
  CHECK(entry->facts.developer == "mine");
  CHECK(entry->display == "Claude Sonnet 4.5");
}

TEST_CASE("a model that has nowhere to run is unroutable, with the reason") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"m", "n"})};
  config.models = {{.id = "m", .fallback = false}, {.id = "n", .disabled = true}, {.id = "o"}};
  const auto pool = must_build(config);
  CHECK(pool->find("m") == nullptr);
  CHECK(says(pool->explain_unknown("m").message, "no rule places it"));
  CHECK(says(pool->explain_unknown("n").message, "disabled"));
  CHECK(says(pool->explain_unknown("o").message, "no pooled provider lists"));
}

TEST_CASE("hidden names stay routable and are never the default by chance") {
  config::Config config;
  config.providers = {chat_provider("p", Names{"a-preview", "b"})};
  config.pool.hide = {"*-preview"};
  const auto pool = must_build(config);
  CHECK(pool->find("p/a-preview")->hidden);
  CHECK(pool->default_entry()->name == "p/b");
  CHECK(pool->entries[0].name == "p/b");
}

TEST_CASE("the default stands first, and the rest in the store's order") {
  config::Config config;
  config.providers = {chat_provider("z", Names{"1", "2"}), chat_provider("a", Names{"3"})};
  CHECK(names(*must_build(config)) == Names{"z/1", "z/2", "a/3"});
  config.settings.default_model = "a/3 [1m]";
  const auto pool = must_build(config);
  CHECK(names(*pool) == Names{"a/3", "z/1", "z/2"});
  for (const auto& name : names(*pool)) CHECK(pool->find(name)->name == name);
  config.settings.default_model = "gone/x";
  CHECK(must_build(config)->default_entry()->name == "z/1");
}

TEST_CASE("moving providers about changes no name and no route") {
  config::Config config;
  config.providers = {chat_provider("a", Names{"m"}), chat_provider("b", Names{"m", "n"})};
  const auto one = must_build(config);
  std::reverse(config.providers.begin(), config.providers.end());
  const auto two = must_build(config);
  for (const auto& entry : one->entries) {
    const auto* other = two->find(entry.name);
    REQUIRE(other);
    CHECK(two->providers[other->routes[0].provider].id ==
          one->providers[entry.routes[0].provider].id);
    CHECK(other->display == entry.display);
  }
}

TEST_CASE("two entries never show the same line in a picker") {
  config::Config config;
  config::Provider first;
  first.id = "deepseek";
  first.preset = "deepseek";
  first.models = Names{"deepseek-chat"};
  auto second = first;
  second.id = "deepseek-2";
  config.providers = {first, second, chat_provider("p", Names{"gpt-5", "gpt-5-2025-08-07"})};
  const auto pool = must_build(config);
  CHECK(pool->find("deepseek/deepseek-chat")->display == "DeepSeek (deepseek) / deepseek-chat");
  CHECK(pool->find("deepseek-2/deepseek-chat")->display == "DeepSeek (deepseek-2) / deepseek-chat");
  CHECK(pool->find("p/gpt-5-2025-08-07")->display == "p / gpt-5-2025-08-07");
  CHECK(pool->find("p/gpt-5")->display == "p / gpt-5");
}
