#include "cli/commands.hpp"

#include <doctest/doctest.h>

#include <set>

#include "cli/help.hpp"
#include "cli/key_input.hpp"
#include "cli/man.hpp"
#include "cli/parse.hpp"

using namespace tpool;
using namespace tpool::cli;

namespace {

template <class Visit>
void walk(std::vector<const Command*> path, const Visit& visit) {
  visit(path);
  for (const auto& child : path.back()->children) {
    auto below = path;
    below.push_back(&child);
    walk(below, visit);
  }
}

}  // namespace

TEST_CASE("every command says what it is, and a leaf can be run") {
  walk({&commands()}, [](const std::vector<const Command*>& path) {
    const auto& command = *path.back();
    CAPTURE(full_name(path));
    CHECK_FALSE(command.summary.empty());
    CHECK_FALSE(command.summary.ends_with('.'));
    CHECK((command.handler != nullptr) == command.children.empty());
    if (command.children.empty()) CHECK_FALSE(command.examples.empty());
    if (!command.default_child.empty()) CHECK(command.child(command.default_child) != nullptr);
  });
}

TEST_CASE("every example of the help is understood by the parser, as its own command") {
  walk({&commands()}, [](const std::vector<const Command*>& path) {
    for (const auto& example : path.back()->examples) {
      auto line = example.line.substr(0, example.line.find_first_of("<>"));
      if (const auto piped = line.find("| tpool "); piped != std::string::npos)
        line = line.substr(piped + 8);
      line = line.substr(0, line.find(" |"));
      CAPTURE(line);
      const auto words = split_words(line);
      REQUIRE(words.has_value());
      const auto parsed = parse(commands(), *words);
      REQUIRE(parsed.has_value());
      CHECK_FALSE(parsed->help);
      if (path.back()->children.empty()) CHECK(parsed->path.back() == path.back());
    }
  });
}

TEST_CASE("no option carries a secret, and none is declared twice") {
  walk({&commands()}, [](const std::vector<const Command*>& path) {
    std::set<std::string> names;
    for (const auto& option : commands().options) names.insert(option.name);
    if (path.size() == 1) return;
    for (const auto& option : path.back()->options) {
      CAPTURE(full_name(path) + " " + option.name);
      CHECK(option.name.starts_with("--"));
      CHECK(names.insert(option.name).second);
      // The id of a key may stand there, never the key.
      if (option.name == "--key") CHECK(option.completes == Completes::key);
      CHECK_FALSE(option.help.empty());
    }
  });
}

TEST_CASE("the man page has every command that is not hidden, and every exit code") {
  const auto page = man_page(commands());
  walk({&commands()}, [&](const std::vector<const Command*>& path) {
    if (!path.back()->children.empty()) return;
    const bool hidden = path.back()->hidden;
    auto heading = ".SS " + full_name(path);
    CAPTURE(heading);
    CHECK((page.find(heading + " ") != std::string::npos ||
           page.find(heading + "\n") != std::string::npos) == !hidden);
  });
  for (const auto* code : {"0@", "1@", "2@", "3@", "4@", "5@", "6@", "7@", "130@"})
    CHECK(page.find("\n" + std::string(code)) != std::string::npos);
}
