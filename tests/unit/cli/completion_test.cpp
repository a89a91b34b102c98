#include "cli/completion.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "cli/commands.hpp"

using namespace tpool::cli;

namespace {

std::vector<std::string> offered(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const auto& candidate : complete(commands(), words)) found.push_back(candidate.word);
  return found;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("commands, options and choices are offered where they may stand") {
  CHECK(offered({"prov"}) == std::vector<std::string>{"provider"});
  CHECK(has(offered({"provider", ""}), "add"));
  CHECK_FALSE(has(offered({""}), "man"));
  CHECK(offered({"pool", "enable", "--cat"}) == std::vector<std::string>{"--catalog"});
  CHECK(offered({"pool", "enable", "--catalog", ""}) == std::vector<std::string>{"live", "file"});
  CHECK(offered({"--json", "serv"}) == std::vector<std::string>{"serve"});
  CHECK(has(offered({"provider", "add", "--k"}), "--key-env"));
}

TEST_CASE("an option given once is not offered again unless it repeats") {
  CHECK_FALSE(has(offered({"provider", "edit", "a", "--name", "x", "--"}), "--name"));
  CHECK(has(offered({"provider", "edit", "a", "--model", "x", "--"}), "--model"));
}

TEST_CASE("presets, files and folders are offered by kind") {
  CHECK(has(offered({"provider", "add", "deep"}), "deepseek"));
  CHECK(offered({"--config", ""}) == std::vector<std::string>{"@files"});
  CHECK(offered({"pool", "enable", "--codex-home", ""}) == std::vector<std::string>{"@folders"});
}

TEST_CASE("nonsense offers nothing and does not fail") {
  CHECK(offered({"nonsense", "x", "y"}).empty());
  CHECK(offered({"serve", "--nonsense", "--listen", "x", "y"}).empty());
}
