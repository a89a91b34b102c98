#include "core/catalog/model_lists.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

using namespace tpool;
using namespace tpool::catalog;

namespace {

using Ids = std::vector<std::string>;

struct ScratchPaths {
  std::filesystem::path root;
  config::Paths paths;
  ScratchPaths() {
    std::string name = (std::filesystem::temp_directory_path() / "tpool-lists-XXXXXX").string();
    root = mkdtemp(name.data());
    paths.state = root / "state";
  }
  ~ScratchPaths() { std::filesystem::remove_all(root); }
};

}  // namespace

TEST_CASE("a model list is read in every shape providers use") {
  CHECK(*parse_model_list(R"({"object":"list","data":[{"id":"a"},{"id":"b"}]})") == Ids{"a", "b"});
  CHECK(*parse_model_list(R"({"models":[{"slug":"x/y"},{"name":"n"}]})") == Ids{"x/y", "n"});
  CHECK(*parse_model_list(R"({"models":[{"name":"models/gemini-pro"}]})") == Ids{"gemini-pro"});
  CHECK(*parse_model_list(R"(["a","b","a"])") == Ids{"a", "b"});
  CHECK(*parse_model_list(R"([{"id":"a"},{"name":"b"}])") == Ids{"a", "b"});
  CHECK(*parse_model_list(R"({"data":{"models":["q"]}})") == Ids{"q"});
  CHECK(*parse_model_list("\xef\xbb\xbf[\"a\"]") == Ids{"a"});
  CHECK(*parse_model_list(R"({"data":[]})") == Ids{});
}

TEST_CASE("the order of a list is kept, and entries without a usable id are passed over") {
  CHECK(*parse_model_list(R"({"data":[{"id":"z"},{"id":7},{"id":"a\u0001"},{"id":"a"}]})") ==
        Ids{"z", "a"});
}

TEST_CASE("what is not a list of models is refused, with the provider's own words") {
  for (const auto* body : {"", "not json", "{}", "42", "{\"data\":\"x\"}", "[{},{}]", "[[[["})
    CHECK_MESSAGE(!parse_model_list(body).has_value(), body);
  const auto refused = parse_model_list(R"({"error":{"message":"bad key"}})");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("bad key") != std::string::npos);
}

TEST_CASE("a saved list comes back, and a missing one means never fetched") {
  ScratchPaths scratch;
  CHECK(load_model_lists(scratch.paths)->empty());
  REQUIRE(save_model_list(scratch.paths, "deepseek", {"b", "a/c:x"}).has_value());
  REQUIRE(save_model_list(scratch.paths, "none", {}).has_value());
  const auto lists = load_model_lists(scratch.paths);
  REQUIRE(lists.has_value());
  CHECK(lists->size() == 2);
  CHECK(lists->at("deepseek") == Ids{"b", "a/c:x"});
  CHECK(lists->at("none").empty());
  REQUIRE(forget_model_list(scratch.paths, "deepseek").has_value());
  REQUIRE(forget_model_list(scratch.paths, "deepseek").has_value());
  CHECK(load_model_lists(scratch.paths)->size() == 1);
}

TEST_CASE("a damaged list is an error that names the file") {
  ScratchPaths scratch;
  REQUIRE(save_model_list(scratch.paths, "deepseek", {"a"}).has_value());
  std::ofstream(scratch.paths.model_lists() / "deepseek.json") << "{\"models\":[";
  std::ofstream(scratch.paths.model_lists() / "notes.txt") << "mine";
  const auto lists = load_model_lists(scratch.paths);
  REQUIRE_FALSE(lists.has_value());
  CHECK(lists.error().code == Code::corrupt);
  CHECK(lists.error().message.find("deepseek.json") != std::string::npos);
}

TEST_CASE("an id that would leave the folder is refused") {
  ScratchPaths scratch;
  CHECK_FALSE(save_model_list(scratch.paths, "../x", {"a"}).has_value());
  CHECK_FALSE(forget_model_list(scratch.paths, "../x").has_value());
}
