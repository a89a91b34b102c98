// The man page's list of [routing] says what the table says. TPOOL_UPDATE_GOLDEN=1 writes it anew.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/config/routing_table.hpp"
#include "scratch.hpp"

using namespace tpool;
using namespace tpool::config;

namespace {

constexpr std::string_view begin = ".\\\" from the table of the source\n";
constexpr std::string_view end = ".\\\" up to here\n";

std::string literal(std::string_view text) {
  std::string roff;
  for (const char c : text) roff += c == '-' ? "\\-" : std::string(1, c);
  return roff;
}

std::string list() {
  std::string roff;
  for (const auto& key : routing_keys()) {
    if (!key.group.empty()) roff.append(".SS ").append(key.group).append("\n");
    roff.append(".TP\n.BR ").append(key.name).append(" \" (");
    roff.append(text_of(key, default_routing)).append("; ").append(range_of(key)).append(")\"\n");
    roff.append(literal(key.meaning)).append("\n");
  }
  return roff;
}

}  // namespace

TEST_CASE("the man page names every number of [routing] with its default, range and meaning") {
  const auto file = std::filesystem::path(TPOOL_TESTS_DIR).parent_path() / "man/tpool.toml.5";
  auto page = tpool::testing::read_text(file);
  const auto from = page.find(begin);
  REQUIRE(from != std::string::npos);
  const auto first = from + begin.size();
  const auto last = page.find(end, first);
  REQUIRE(last != std::string::npos);
  if (std::getenv("TPOOL_UPDATE_GOLDEN") != nullptr) {
    page.replace(first, last - first, list());
    std::ofstream(file) << page;
    return;
  }
  CHECK(page.substr(first, last - first) == list());
}
