// The store texts that reading, rewriting and the verbs are tried on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "scratch.hpp"

namespace tpool::testing {

inline std::string corpus_text(const std::string& name) {
  return read_text(std::filesystem::path(TPOOL_TESTS_DIR) / "unit/core/config/corpus" / name);
}

inline std::vector<std::pair<std::string, std::string>> corpus() {
  std::vector<std::pair<std::string, std::string>> texts{{"empty", ""}, {"comment", "# only\n"}};
  const auto folder = std::filesystem::path(TPOOL_TESTS_DIR) / "unit/core/config/corpus";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    texts.emplace_back(entry.path().filename().string(), read_text(entry.path()));
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace tpool::testing
