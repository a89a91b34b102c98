#include "core/config/routing_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/config/edit.hpp"
#include "core/config/toml.hpp"
#include "core/config/validate.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

Config read(const std::string& text) {
  auto config = parse(text, "store");
  REQUIRE_MESSAGE(config.has_value(), (config ? std::string() : config.error().message));
  return *config;
}

// A value of this key that is not its default and stays within every promise.
std::int64_t another(const std::int64_t& number) { return number + 1; }
Milliseconds another(const Milliseconds& span) { return span + Milliseconds(1); }
double another(const double& number) {
  return number > 0.9 && number < 1 ? 0.91 : number / 2 + 0.4;
}

std::string store_of(const Routing& routing) {
  Config config;
  config.routing = routing;
  auto text = rewrite("version = 1\n", Config{}, config);
  REQUIRE(text.has_value());
  return *text;
}

std::vector<std::string> problems_of(const std::string& lines) {
  std::vector<std::string> all;
  for (const auto& one : validate(read("version = 1\n[routing]\n" + lines)))
    all.push_back(one.where + ": " + one.message);
  return all;
}

}  // namespace

TEST_CASE("every number has one name, a meaning and a default within its range") {
  std::set<std::string_view> names;
  for (const auto& key : routing_keys()) {
    CAPTURE(key.name);
    CHECK(names.insert(key.name).second);
    CHECK(key.meaning.ends_with('.'));
    CHECK(key.least < key.most);
    CHECK(std::isfinite(key.most));
  }
  CHECK(faults(default_routing).empty());
  CHECK(default_routing.said.none());
}

TEST_CASE("the table reaches every member of the struct, each once") {
  Routing routing;
  std::set<const void*> members;
  std::size_t bytes = sizeof routing.said;
  each_number(routing, [&](const RoutingKey& key, auto& number, std::size_t place) {
    CAPTURE(key.name);
    CHECK(members.insert(&number).second);
    CHECK(&routing_keys()[place] == &key);
    bytes += sizeof number;
  });
  CHECK(bytes == sizeof routing);
}

TEST_CASE("what is absent keeps its default, and what is said is known to be said") {
  const auto config = read("version = 1\n[routing]\nattempts = 4\nheartbeat = \"5s\"\n");
  CHECK(config.routing.attempts == 4);
  CHECK(config.routing.heartbeat == Milliseconds(5000));
  CHECK(config.routing.header_wait == default_routing.header_wait);
  CHECK(config.routing.said.count() == 2);
  CHECK(read("version = 1\n[routing]\n").routing == default_routing);
  // A default that was said is not the same as none.
  CHECK(config.routing != read("version = 1\n[routing]\nheartbeat = \"5s\"\n").routing);
}

TEST_CASE("every number is written, read back and taken out again") {
  Routing routing;
  each_number(routing, [&](const RoutingKey&, auto& number, std::size_t place) {
    number = another(number);
    routing.said.set(place);
  });
  const auto text = store_of(routing);
  CHECK(read(text).routing == routing);
  for (const auto& key : routing_keys()) {
    CAPTURE(key.name);
    Routing one;
    CHECK(text_of(key, one) != text_of(key, routing));
    REQUIRE(assign(one, key.name, text_of(key, routing)).has_value());
    CHECK(text_of(key, one) == text_of(key, routing));
    CHECK(said(one, key));
    CHECK(read(store_of(one)).routing == one);
    REQUIRE(assign(one, key.name, "").has_value());
    CHECK(one == default_routing);
  }
}

TEST_CASE("an edit keeps comments, order and unknown keys of the table") {
  const std::string text =
      "version = 1\n"
      "\n"
      "[routing]  # mine\n"
      "# patience\n"
      "attempts = 3   # not four\n"
      "colour = \"green\"\n"
      "longest_wait = \"30s\"\n"
      "\n"
      "[pool]\n"
      "enabled = true\n";
  const auto before = read(text);
  auto after = before;
  REQUIRE(set_setting(after, "routing.attempts", "2").has_value());
  REQUIRE(set_setting(after, "routing.longest_wait", "").has_value());
  REQUIRE(set_setting(after, "routing.heartbeat", "1500ms").has_value());
  const auto written = rewrite(text, before, after);
  REQUIRE(written.has_value());
  CHECK(*written ==
        "version = 1\n"
        "\n"
        "[routing]  # mine\n"
        "heartbeat = \"1500ms\"\n"
        "# patience\n"
        "attempts = 2   # not four\n"
        "colour = \"green\"\n"
        "\n"
        "[pool]\n"
        "enabled = true\n");
}

TEST_CASE("a wrong kind of value is an error at its place") {
  const auto error = [](const std::string& line) {
    const auto config = parse("version = 1\n[routing]\n" + line, "store");
    REQUIRE(config.has_error());
    return config.error().message;
  };
  CHECK(error("attempts = 2.5") == "store:3:12: routing.attempts must be a whole number");
  CHECK(error("attempts = \"2\"") == "store:3:12: routing.attempts must be a whole number");
  CHECK(error("heartbeat = 15").starts_with("store:3:13: routing.heartbeat must be a duration"));
  CHECK(error("retry_share = \"a lot\"") == "store:3:15: routing.retry_share must be a number");
  CHECK(parse("version = 1\nrouting = 3\n", "store").has_error());
}

TEST_CASE("a number out of its range is one problem that names key, range and value") {
  CHECK(problems_of("attempts = 0") ==
        std::vector<std::string>{"routing: attempts must be 1 to 32, not 0"});
  CHECK(problems_of("heartbeat = \"2m\"") ==
        std::vector<std::string>{"routing: heartbeat must be 100ms to 1m, not 2m"});
  CHECK(problems_of("retry_share = nan") ==
        std::vector<std::string>{"routing: retry_share must be 0 to 1, not nan"});
  CHECK(problems_of("attempts = 99\nqueue = -1").size() == 2);
  for (const auto& key : routing_keys()) {
    CAPTURE(key.name);
    for (const double end : {key.least, key.most})
      for (const bool out : {false, true}) {
        Routing routing;
        std::visit(
            [&](auto member) {
              auto& number = routing.*member;
              using Number = std::remove_reference_t<decltype(number)>;
              const double off = !out ? 0 : end == key.least ? -1 : 1;
              if constexpr (std::is_same_v<Number, Milliseconds>)
                number = Milliseconds(static_cast<std::int64_t>(end + off));
              else
                number = static_cast<Number>(end + off);
            },
            key.member);
        bool named = false;
        for (const auto& fault : faults(routing))
          named = named || fault.starts_with(std::string(key.name) + " must be ");
        CHECK(named == out);
      }
  }
}

TEST_CASE("numbers that contradict each other are refused with both names") {
  CHECK(problems_of("cool_down = \"5m\"") ==
        std::vector<std::string>{
            "routing: cool_down is 5m, and longest_cool_down must be at least 5m, not 2m"});
  CHECK(
      problems_of("longest_cool_down = \"6m\"") ==
      std::vector<std::string>{
          "routing: longest_cool_down is 6m, and strikes_forgotten must be at least 12m, not 10m"});
  CHECK(problems_of("content_least = \"2m\"").size() == 1);
  CHECK(problems_of("breaker_pause = \"10m\"\nlongest_breaker_pause = \"10m\"").empty());
}

TEST_CASE("a range is said as it is typed") {
  const auto range = [](std::string_view name) {
    return range_of(*std::ranges::find(routing_keys(), name, &RoutingKey::name));
  };
  CHECK(range("queue") == "0 to 100000");
  CHECK(range("least_cached_tokens") == "0 to 1000000");
  CHECK(range("heartbeat") == "100ms to 1m");
  CHECK(range("first_token_memory") == "0.5 to 0.999");
}

TEST_CASE("a setting of routing is set and cleared by name, and a wrong one is explained") {
  Config config;
  const auto set = set_setting(config, "routing.attempts", "2");
  REQUIRE(set.has_value());
  CHECK(config.routing.attempts == 2);
  CHECK(set_setting(config, "routing.attempts", "2")->summary ==
        "setting routing.attempts is already so");
  REQUIRE(set_setting(config, "routing.attempts", "").has_value());
  CHECK(config == Config{});
  CHECK(set_setting(config, "routing.attempts", "two").error().message ==
        "routing.attempts must be a whole number of 1 to 32, not two");
  const auto unknown = set_setting(config, "routing.atempts", "2");
  CHECK(unknown.error().code == Code::not_found);
  CHECK(unknown.error().hint == "did you mean routing.attempts?");
  // The table [routing] is no part of [settings], and `config get` does not take it for one.
  CHECK(set_setting(config, "settings.routing.attempts", "2").has_error());
}
