#include "core/config/toml.hpp"

#include <doctest/doctest.h>

#include "corpus.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::corpus;
using tpool::testing::corpus_text;

namespace {

Config read(const std::string& text) {
  auto config = parse(text, "store");
  REQUIRE_MESSAGE(config.has_value(), config.error().message);
  return *config;
}

Error refusal(const std::string& text) {
  const auto config = parse(text, "store");
  REQUIRE_MESSAGE(config.has_error(), text);
  CHECK(config.error().code == Code::invalid);
  return config.error();
}

// A text is refused at this place, with these words.
void refuses(const std::string& text, const std::string& place, const std::string& words) {
  const std::string message = refusal(text).message;
  CHECK_MESSAGE(message.starts_with("store:" + place + ": "), message);
  CHECK_MESSAGE(message.find(words) != std::string::npos, message);
}

const std::string provider = "[[provider]]\nid = \"p\"\n";

}  // namespace

TEST_CASE("an empty text is the default Config") {
  CHECK(read("") == Config{});
  CHECK(read("\xEF\xBB\xBF\r\n# nothing\r\n") == Config{});
}

TEST_CASE("every key of the store is read") {
  const Config config = read(corpus_text("full.toml"));
  CHECK(config.settings.listen == "127.0.0.1:3301");
  CHECK(config.settings.failover == Failover{});
  CHECK(config.settings.effort_suffix == false);
  CHECK(config.settings.websocket == true);
  CHECK(config.settings.keep_turns == Milliseconds(48 * 3'600'000));
  CHECK(config.pool.enabled);
  CHECK(config.pool.hide == std::vector<std::string>{"*-preview"});
  REQUIRE(config.providers.size() == 2);
  const Provider& first = config.providers[0];
  CHECK(first.protocol == Protocol::chat);
  CHECK(first.auth == Auth::bearer);
  CHECK(first.weight == 2.0);
  CHECK(first.failover == Failover{Failover::Mode::list, {"other/a", "other/b"}});
  CHECK(first.limits == Limits{8, 64, 60, 1'000'000, 3'000'000});
  CHECK(first.timeouts.total == Milliseconds(1'800'000));
  CHECK(first.models == std::vector<std::string>{"deepseek-chat", "deepseek-reasoner"});
  CHECK(first.map.at("gpt-5") == "deepseek-chat");
  CHECK(first.headers.at("X-Title") == "tpool");
  CHECK(first.quirks.at("strict") == "true");
  CHECK(first.quirks.at("window") == "5");
  REQUIRE(first.keys.size() == 2);
  CHECK(first.keys[0].secret == SecretRef{SecretRef::Kind::env, "DEEPSEEK_API_KEY"});
  CHECK(first.keys[0].limits.concurrency == 4);
  CHECK(first.keys[1].secret.argv == std::vector<std::string>{"pass", "show", "deepseek"});
  CHECK_FALSE(first.keys[1].enabled);
  REQUIRE(first.model_facts.size() == 1);
  CHECK(first.model_facts[0].context == 131072);
  CHECK(first.model_facts[0].cost == Cost{0.28, 0.42, 0.028});
  CHECK(config.providers[1].limits.concurrency == 3);
  CHECK(config.providers[1].timeouts.idle == Milliseconds(250));
  CHECK_FALSE(config.providers[1].models);
  CHECK(config.models[0].failover->mode == Failover::Mode::same_model);
  CHECK(config.rules[0].priority == 10);
  CHECK(config.budgets[0].usd_per_day == 20.0);
  CHECK(config.clients[0].models == std::vector<std::string>{"*"});
}

TEST_CASE("absent is not empty: no list, a list and an empty list are three things") {
  CHECK_FALSE(read(provider).providers[0].models);
  CHECK(read(provider + "models = []\n").providers[0].models == std::vector<std::string>{});
}

TEST_CASE("tables may be spelled inline, dotted or as headers") {
  const Config config = read(corpus_text("inline.toml"));
  REQUIRE(config.providers.size() == 2);
  CHECK(config.providers[0].keys[0].secret.text == "A");
  CHECK(config.providers[1].limits.rpm == 5);
  CHECK(read(corpus_text("scattered.toml")).providers[0].keys[0].id == "late");
}

TEST_CASE("a wrong type or word is refused with its place") {
  refuses(provider + "protocol = \"chatt\"\n", "3:12", "responses, chat, messages, gemini, echo");
  refuses(provider + "enabled = \"yes\"\n", "3:11", "provider.enabled must be true or false");
  refuses(provider + "limits = { rpm = 1.5 }\n", "3:18", "provider.limits.rpm must be a whole");
  refuses(provider + "timeouts = { idle = \"5x\" }\n", "3:21", "duration");
  refuses(provider + "timeouts = { idle = 5 }\n", "3:21", "duration");
  refuses(provider + "tags = [\"a\", 1]\n", "3:14", "list of strings");
  refuses(provider + "quirks = { a = 1.5 }\n", "3:16", "provider.quirks.a");
  refuses(provider + "failover = \"never\"\n", "3:12", "same-model");
  refuses(provider + "headers = { a = 1 }\n", "3:17", "provider.headers.a must be a string");
  refuses("[[provider]]\nname = \"x\"\n", "1:1", "provider has no id");
  refuses("[provider]\nid = \"x\"\n", "1:1", "[[provider]]");
  refuses("[settings]\nstrategy = \"best\"\n", "2:12", "priced-affinity");
  refuses("pool = 3\n", "1:8", "pool must be a table");
  refuses("[[budget]]\nscope = \"week\"\n", "2:9", "total, provider, model, client");
  refuses("[[alias]]\nname = \"x\"\n", "1:1", "alias has no target");
  refuses(provider + "[[provider.key]]\nid = \"k\"\nenv = \"A\"\nvalue = \"b\"\n", "6:9",
          "not two");
}

TEST_CASE("text that is no TOML is refused with its place and never quoted") {
  refuses("a = 1\nb = \n", "2:5", "expected a value");
  refuses("a = 1\n\na = 2\n", "3:5", "already exists");
  refuses("x = 1\ny = truee\n", "2:9", "invalid");
  const std::string leak =
      refusal(provider + "[[provider.key]]\nid = \"k\"\nvalue = \"sk-secret\" oops\n").message;
  CHECK(leak.find("sk-secret") == std::string::npos);
  const std::string escape =
      refusal(provider + "[[provider.key]]\nid = \"k\"\nvalue = \"sk-secret\\q\"\n").message;
  CHECK(escape.find("sk-secret") == std::string::npos);
  refuses("a = \"\xFF\"\n", "1:6", "UTF-8");
  refuses("a = \"\xED\xA0\x80\"\n", "1:6", "UTF-8");
  refuses(std::string("a = 1\nb\0 = 1\n", 13), "2:2", "UTF-8");
  CHECK(check_syntax("a = 1\n", "f").has_value());
  CHECK(check_syntax("a = \n", "f").error().message.starts_with("f:1:5: "));
}

TEST_CASE("a newer version is refused before anything else is judged") {
  const Error error = refusal("version = 2\nprovider = \"another shape\"\n");
  CHECK(error.message.find("version 2") != std::string::npos);
  CHECK(error.hint.find("nothing was changed") != std::string::npos);
  refuses("version = 0\n", "1:11", "must be 1");
}

TEST_CASE("hostile nesting is an error, not a crash") {
  refuses("a = " + std::string(100'000, '['), "1:69", "too deeply");
  refuses("[" + std::string(50'000, 'a') + "." + "b\n", "1:50004", "expected ]");
  std::string header = "[a";
  for (int i = 0; i < 100'000; ++i) header += ".a";
  refuses(header + "]\n", "1:130", "too deeply");
}

TEST_CASE("every cut and every flipped byte of a store is read or refused") {
  const std::string text = corpus_text("full.toml").substr(0, 1500);
  std::size_t read_well = 0;
  for (std::size_t i = 0; i < text.size(); i += 7) {
    if (parse(text.substr(0, i), "store")) ++read_well;
    std::string broken = text;
    broken[i] = static_cast<char>(broken[i] ^ 0x15);
    if (parse(broken, "store")) ++read_well;
  }
  CHECK(read_well > 20);
}

TEST_CASE("rewriting without a change gives the same bytes") {
  for (const auto& [name, text] : corpus()) {
    CAPTURE(name);
    const Config config = read(text);
    CHECK(*rewrite(text, config, config) == text);
  }
}

TEST_CASE("keys nobody knows are told with their place and the nearest name, and nothing else is") {
  std::vector<std::string> unknown;
  const std::string text =
      "version = 1\n[settings]\nlistne = \"127.0.0.1:1\"\n[routing]\natempts = 3\n[[provider]]\n"
      "id = \"p\"\nlimits = { rpn = 3 }\nquirks = { anything = true }\nmap = { a = \"b\" }\n"
      "[[provider.key]]\nid = \"k\"\nenv = \"K\"\n\"my note\" = 1\n[[mine]]\nid = \"p\"\n";
  REQUIRE(parse(text, "store", &unknown).has_value());
  REQUIRE(unknown.size() == 5);
  CHECK(unknown[0] ==
        "store:3:10: settings.listne is no key of tpool's and changes nothing; "
        "did you mean listen?");
  CHECK(unknown[1].starts_with("store:5:11: routing.atempts is no key"));
  CHECK(unknown[1].ends_with("did you mean attempts?"));
  CHECK(unknown[2].starts_with("store:8:"));
  CHECK(unknown[2].ends_with("did you mean rpm?"));
  CHECK(unknown[3].find("provider.key.\"my note\" is no key") != std::string::npos);
  CHECK(unknown[4].find("mine is no key") != std::string::npos);
  REQUIRE(parse(corpus_text("full.toml"), "store", &unknown).has_value());
  // Its colour, burst, mood and notes; every other key is read by somebody.
  CHECK(unknown.size() == 4);
}
