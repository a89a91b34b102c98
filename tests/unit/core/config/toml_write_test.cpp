#include <doctest/doctest.h>

#include <functional>

#include "core/config/edit.hpp"
#include "core/config/toml.hpp"
#include "corpus.hpp"

using namespace tpool;
using namespace tpool::config;
using tpool::testing::corpus;
using tpool::testing::corpus_text;

namespace {

using Verb = std::function<void(Config&)>;

std::string rewritten(const std::string& text, const Verb& verb) {
  const auto before = parse(text, "store");
  REQUIRE_MESSAGE(before.has_value(), before.error().message);
  Config after = *before;
  verb(after);
  const auto result = rewrite(text, *before, after);
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  CHECK(*parse(*result, "store") == after);
  return *result;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    all.push_back(text.substr(at, end - at));
    at = end;
  }
  return all;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The lines of `text` that `other` lacks, counted with their number.
std::vector<std::string> lines_missing(const std::string& text, const std::string& other) {
  std::vector<std::string> have = lines(other);
  std::vector<std::string> missing;
  for (const std::string& line : lines(text)) {
    const auto found = std::find(have.begin(), have.end(), line);
    if (found == have.end())
      missing.push_back(line);
    else
      have.erase(found);
  }
  return missing;
}

Provider fresh(const std::string& id) {
  Provider provider{id};
  provider.protocol = Protocol::chat;
  provider.base_url = "http://new/v1";
  provider.limits.rpm = 5;
  provider.keys.push_back({"k", {SecretRef::Kind::env, "NEW"}});
  return provider;
}

const std::vector<std::pair<std::string, Verb>> verbs{
    {"add a provider", [](Config& c) { c.providers.push_back(fresh("new")); }},
    {"add a provider in front",
     [](Config& c) { c.providers.insert(c.providers.begin(), fresh("new")); }},
    {"enable the pool", [](Config& c) { c.pool.enabled = !c.pool.enabled; }},
    {"choose the catalog", [](Config& c) { c.pool.catalog = "file"; }},
    {"set the listener", [](Config& c) { c.settings.listen = "0.0.0.0:1"; }},
    {"clear the listener", [](Config& c) { c.settings.listen.reset(); }},
    {"hide a name", [](Config& c) { c.pool.hide.push_back("x*"); }},
    {"add an alias",
     [](Config& c) {
       c.aliases.push_back({"new", "a/b", true});
     }},
    {"add a client",
     [](Config& c) {
       c.clients.push_back({"new", std::string(64, 'a')});
     }},
    {"add a model",
     [](Config& c) {
       c.models.push_back({"new", "me", false});
     }},
    {"add a rule",
     [](Config& c) {
       c.rules.push_back({"new", {}, "m", "p"});
     }},
    {"add a group",
     [](Config& c) {
       c.groups.push_back({"new", "direct"});
     }},
    {"add a budget",
     [](Config& c) {
       c.budgets.push_back({"provider", "new", 1.5});
     }},
    {"drop the aliases", [](Config& c) { c.aliases.clear(); }},
    {"disable each provider",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.enabled = false;
     }},
    {"limit each provider",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.limits.concurrency = 17;
     }},
    {"lift all limits",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.limits = {};
     }},
    {"curate each provider",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.models = {{"one", "two"}};
     }},
    {"add a key to each provider",
     [](Config& c) {
       for (Provider& provider : c.providers)
         provider.keys.push_back({"extra", {SecretRef::Kind::file, "~/k"}});
     }},
    {"say a fact of each provider",
     [](Config& c) {
       for (Provider& provider : c.providers) {
         provider.model_facts.push_back({"fact"});
         provider.model_facts.back().cost = Cost{1, 2.5};
       }
     }},
    {"drop all keys",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.keys.clear();
     }},
    {"give each key a value",
     [](Config& c) {
       for (Provider& provider : c.providers)
         for (Key& key : provider.keys) key.secret = {SecretRef::Kind::value, "v\"\\\n"};
     }},
    {"map names, set headers and quirks",
     [](Config& c) {
       for (Provider& provider : c.providers) {
         provider.map["x y"] = "z";
         provider.headers = {{"A-B", "c"}};
         provider.quirks["flag"] = "true";
         provider.timeouts.idle = Milliseconds(90'000);
       }
     }},
    {"rename each provider",
     [](Config& c) {
       for (Provider& provider : c.providers) provider.id += "-2";
     }},
    {"reverse the providers",
     [](Config& c) { std::reverse(c.providers.begin(), c.providers.end()); }},
    {"remove the first provider",
     [](Config& c) {
       if (!c.providers.empty()) c.providers.erase(c.providers.begin());
     }},
    {"remove the last provider",
     [](Config& c) {
       if (!c.providers.empty()) c.providers.pop_back();
     }},
    {"remove everything", [](Config& c) { c = Config{}; }},
};

}  // namespace

TEST_CASE("every verb works on every text of the corpus, and back again") {
  for (const auto& [name, text] : corpus())
    for (const auto& [what, verb] : verbs) {
      CAPTURE(name);
      CAPTURE(what);
      const Config before = *parse(text, "store");
      Config after = before;
      verb(after);
      const auto there = rewrite(text, before, after);
      REQUIRE_MESSAGE(there.has_value(), there.error().message);
      CHECK(*parse(*there, "store") == after);
      const auto back = rewrite(*there, after, before);
      REQUIRE_MESSAGE(back.has_value(), back.error().message);
      CHECK(*parse(*back, "store") == before);
    }
}

TEST_CASE("verbs in a row keep a text readable") {
  for (const auto& [name, original] : corpus()) {
    CAPTURE(name);
    std::string text = original;
    for (const auto& [what, verb] : verbs) {
      CAPTURE(what);
      if (what != "remove everything") text = rewritten(text, verb);
    }
  }
}

TEST_CASE("an edit that removes nothing loses no comment and no unknown key") {
  for (const auto& [name, text] : corpus())
    for (std::size_t i = 0; i < 13; ++i) {
      CAPTURE(name);
      CAPTURE(verbs[i].first);
      if (verbs[i].first == "clear the listener") continue;
      const std::string result = rewritten(text, verbs[i].second);
      for (const std::string& line : lines(text)) {
        const auto comment = line.find('#');
        if (comment != std::string::npos) {
          const std::string words =
              line.substr(comment, line.find_last_not_of("\r\n") + 1 - comment);
          CHECK_MESSAGE(holds(result, words), words);
        }
      }
      for (const char* unknown :
           {"colour = \"green\"", "mood = \"good\"", "burst = 2", "kept = true", "shade = 1",
            "[unknown]", "seen = 2026-01-02", "kept = 1", "pool.unknown = [ 1, 2 ]"})
        if (holds(text, unknown)) CHECK_MESSAGE(holds(result, unknown), unknown);
    }
}

TEST_CASE("changing one value changes one line") {
  const std::string text = corpus_text("full.toml");
  const std::string result =
      rewritten(text, [](Config& c) { c.settings.listen = "127.0.0.1:4000"; });
  CHECK(lines_missing(text, result) ==
        std::vector<std::string>{"listen = \"127.0.0.1:3301\"   # the usual one\n"});
  CHECK(lines_missing(result, text) ==
        std::vector<std::string>{"listen = \"127.0.0.1:4000\"   # the usual one\n"});
}

TEST_CASE("a switch that is written is turned, one that is not is added in its place") {
  const std::string text = "[[provider]]\nid = \"a\"\nenabled = true  # yes\nprotocol = \"echo\"\n";
  CHECK(rewritten(text, [](Config& c) { c.providers[0].enabled = false; }) ==
        "[[provider]]\nid = \"a\"\nenabled = false  # yes\nprotocol = \"echo\"\n");
  CHECK(rewritten("[[provider]]\nid = \"a\"\nprotocol = \"echo\"\nmodels = []\n", [](Config& c) {
          c.providers[0].enabled = false;
        }) == "[[provider]]\nid = \"a\"\nprotocol = \"echo\"\nenabled = false\nmodels = []\n");
}

TEST_CASE("limits are added in the spelling the text uses") {
  const auto verb = [](Config& c) { c.providers[0].limits.rpm = 5; };
  const std::string head = "[[provider]]\nid = \"a\"\n";
  CHECK(rewritten(head, verb) == head + "limits = { rpm = 5 }\n");
  CHECK(rewritten(head + "limits = { queue = 1 }\n", verb) ==
        head + "limits = { queue = 1, rpm = 5 }\n");
  CHECK(rewritten(head + "limits = {}\n", verb) == head + "limits = { rpm = 5 }\n");
  CHECK(rewritten(head + "limits.queue = 1\nname = \"n\"\n", verb) ==
        head + "limits.queue = 1\nlimits.rpm = 5\nname = \"n\"\n");
  CHECK(rewritten(head + "\n  [provider.limits] # mine\n  queue = 1\n", verb) ==
        head + "\n  [provider.limits] # mine\n  queue = 1\n  rpm = 5\n");
}

TEST_CASE("an inline table goes with its last known member only when nothing else is in it") {
  const auto verb = [](Config& c) { c.providers[0].limits = {}; };
  const std::string head = "[[provider]]\nid = \"a\"\n";
  CHECK(rewritten(head + "limits = { rpm = 5, queue = 1 }\n", verb) == head);
  CHECK(rewritten(head + "limits = { rpm = 5, mine = 1 } # c\n", verb) ==
        head + "limits = { mine = 1 } # c\n");
}

TEST_CASE("a new entry stands after the last of its kind, before what follows") {
  const std::string text =
      "[[provider]]\nid = \"a\"\nprotocol = \"echo\"\n\n# names\n[[alias]]\nname = \"x\"\n"
      "target = \"y\"\n";
  CHECK(rewritten(text, [](Config& c) { c.providers.push_back(fresh("new")); }) ==
        "[[provider]]\nid = \"a\"\nprotocol = \"echo\"\n\n"
        "[[provider]]\nid = \"new\"\nprotocol = \"chat\"\nbase_url = \"http://new/v1\"\n"
        "limits = { rpm = 5 }\n\n[[provider.key]]\nid = \"k\"\nenv = \"NEW\"\n\n"
        "# names\n[[alias]]\nname = \"x\"\ntarget = \"y\"\n");
}

TEST_CASE("a first store begins with its version") {
  CHECK(rewritten("", [](Config& c) { c.pool.enabled = true; }) ==
        "version = 1\n\n[pool]\nenabled = true\n");
}

TEST_CASE("a removed entry takes its tables and the comment right above it, no more") {
  const std::string text =
      "# head\n\n# about a\n[[provider]]\nid = \"a\" # here\n[provider.limits]\nrpm = 1\n"
      "[[provider.key]]\nid = \"k\"\nenv = \"A\"\n# off: models\n\n# ---- banner ----\n\n"
      "# about b\n[[provider]]\nid = \"b\"\n";
  CHECK(rewritten(text, [](Config& c) { c.providers.erase(c.providers.begin()); }) ==
        "# head\n\n# ---- banner ----\n\n# about b\n[[provider]]\nid = \"b\"\n");
  CHECK(rewritten(text, [](Config& c) { c.providers.pop_back(); }) ==
        text.substr(0, text.find("\n# about b")));
}

TEST_CASE("a moved provider takes its comments and keys along, and back gives the same bytes") {
  const std::string text =
      "version = 1\n\n# about a\n[[provider]]\nid = \"a\" # here\n\n[[provider.key]]\nid = \"k\"\n"
      "env = \"A\"\n\n# about b\n[[provider]]\nid = \"b\"\n\n[[alias]]\nname = \"x\"\n"
      "target = \"y\"\n";
  const auto swap = [](Config& c) { std::swap(c.providers[0], c.providers[1]); };
  const std::string moved = rewritten(text, swap);
  CHECK(moved ==
        "version = 1\n\n# about b\n[[provider]]\nid = \"b\"\n\n# about a\n[[provider]]\n"
        "id = \"a\" # here\n\n[[provider.key]]\nid = \"k\"\nenv = \"A\"\n\n[[alias]]\n"
        "name = \"x\"\ntarget = \"y\"\n");
  CHECK(rewritten(moved, swap) == text);
}

TEST_CASE("a list of models keeps its comments where its elements stay") {
  const std::string text = corpus_text("full.toml");
  const std::string added =
      rewritten(text, [](Config& c) { c.providers[0].models->push_back("v4"); });
  CHECK(holds(added, "  \"deepseek-reasoner\", # slow\n  \"v4\",\n]"));
  const std::string removed = rewritten(
      text, [](Config& c) { c.providers[0].models->erase(c.providers[0].models->begin()); });
  CHECK(holds(removed, "models = [\n  \"deepseek-reasoner\", # slow\n]"));
  CHECK_FALSE(holds(removed, "# fast"));
  const std::string open = "[[provider]]\nid = \"a\"\nmodels = [\n  \"x\" # last\n]\n";
  CHECK(rewritten(open, [](Config& c) { c.providers[0].models->push_back("y"); }) ==
        "[[provider]]\nid = \"a\"\nmodels = [\n  \"x\", # last\n  \"y\",\n]\n");
}

TEST_CASE("entries of inline lists are added, moved and removed in place") {
  const std::string text =
      "provider = [\n  { id = \"a\" }, # first\n  { id = \"b\" },\n]\n"
      "alias = [{ name = \"x\", target = \"y\" }]\n";
  CHECK(rewritten(text, [](Config& c) { c.providers.erase(c.providers.begin()); }) ==
        "provider = [\n  { id = \"b\" },\n]\nalias = [{ name = \"x\", target = \"y\" }]\n");
  CHECK(rewritten(text, [](Config& c) { c.aliases.clear(); }).ends_with("]\nalias = []\n"));
  CHECK(holds(rewritten(text,
                        [](Config& c) {
                          c.aliases.push_back({"z", "w"});
                        }),
              "target = \"y\" }, { name = \"z\", target = \"w\" }]"));
  CHECK(holds(rewritten(text, [](Config& c) { c.providers[0].keys = fresh("n").keys; }),
              "{ id = \"a\", key = [{ id = \"k\", env = \"NEW\" }] }, # first"));
  const std::string line = "provider = [{ id = \"a\" }, { id = \"b\" }, { id = \"c\" }]\n";
  CHECK(rewritten(line, [](Config& c) { std::swap(c.providers[0], c.providers[2]); }) ==
        "provider = [{ id = \"c\" }, { id = \"b\" }, { id = \"a\" }]\n");
}

TEST_CASE("line ends and a missing last newline are followed") {
  const std::string text = corpus_text("crlf.toml");
  const std::string result = rewritten(text, [](Config& c) {
    c.providers[1].name = "B";
    c.providers.push_back(fresh("new"));
  });
  CHECK(result.starts_with("\xEF\xBB\xBF# Windows\r\n"));
  for (const std::string& line : lines(result)) CHECK_MESSAGE(line.ends_with("\r\n"), line);
  CHECK(holds(result, "id = \"b\"\r\nname = \"B\"\r\n"));
  CHECK(holds(result, "kept = true\r\n\r\n[[provider]]\r\nid = \"new\"\r\n"));
}

TEST_CASE("a long list is written one model to a line") {
  std::vector<std::string> models;
  for (int i = 0; i < 20; ++i) models.push_back("some-model-" + std::to_string(i));
  const std::string text = rewritten("", [&](Config& c) {
    c.providers.push_back(fresh("p"));
    c.providers[0].models = models;
  });
  CHECK(holds(text, "models = [\n  \"some-model-0\",\n"));
}

TEST_CASE("numbers and words come back as they went in") {
  for (const double weight : {0.0, 1.0, 0.1, 1e-9, 123456.789, 1e6, 3.0000000000000004}) {
    const auto verb = [&](Config& c) {
      c.providers.push_back(fresh("p"));
      c.providers[0].weight = weight;
      c.providers[0].name = "\"\\\t\xC3\xA4\x7F";
      c.providers[0].quirks = {{"a", "-5"}, {"b", "05"}, {"c", "false"}, {"d e", "x"}};
      c.providers[0].timeouts = {Milliseconds(0), Milliseconds(1'500), Milliseconds(3'600'000)};
    };
    CHECK(holds(rewritten("", verb), "first_byte = \"1500ms\", idle = \"1h\""));
  }
}

TEST_CASE("an edit the text cannot take is an error, not a guess") {
  const Config before;
  Config after;
  after.pool.enabled = true;
  const auto result = rewrite("[settings]\nlisten = \"127.0.0.1:1\"\n", before, after);
  REQUIRE(result.has_error());
  CHECK(result.error().code == Code::internal);
  CHECK(holds(result.error().hint, "nothing was changed"));
}

TEST_CASE("a table goes with its last key, unless a comment stays") {
  const auto unset = [](Config& config) {
    REQUIRE(set_setting(config, "profile", "").has_value());
  };
  CHECK(rewritten("version = 1\n\n[settings]\nprofile = \"fast\"\n\n[pool]\nenabled = true\n",
                  unset) == "version = 1\n\n[pool]\nenabled = true\n");
  CHECK(rewritten("version = 1\n\n[settings]\nprofile = \"fast\"\n", unset) == "version = 1\n");
  for (const std::string text :
       {"# mine\n[settings]\nprofile = \"fast\"\n", "[settings] # mine\nprofile = \"fast\"\n",
        "[settings]\n# mine\nprofile = \"fast\"\n", "[settings]\nprofile = \"fast\"\n# mine\n",
        "[settings]\nprofile = \"fast\"\n\n# mine\n\n[pool]\nenabled = true\n"}) {
    const auto result = rewritten(text, unset);
    CHECK(holds(result, "[settings]"));
    CHECK(holds(result, "# mine"));
  }
  const auto unlimited = [](Config& config) { config.providers[0].limits.rpm.reset(); };
  const std::string provider = "[[provider]]\nid = \"p\"\npreset = \"echo\"\n";
  CHECK(rewritten(provider + "\n[provider.limits]\nrpm = 3\n\n" + provider + "name = \"q\"\n",
                  unlimited) == provider + "\n" + provider + "name = \"q\"\n");
}
