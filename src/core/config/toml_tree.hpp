// A parsed TOML text as a plain tree, so that only one file needs the parser library.
//
// Depth is at most max_toml_depth. Positions are found on demand, since only errors need them.
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace tpool::config {

struct TomlNode {
  enum class Kind { string, integer, real, boolean, time, array, table };
  Kind kind = Kind::table;
  std::string text = {};
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlNode> items = {};
  std::vector<std::pair<std::string, TomlNode>> members = {};
  const void* origin = nullptr;  // the library's own value
};

struct TomlTree {
  TomlNode root;
  std::shared_ptr<const void> keep;  // what the origins point into
};

// Errors are `invalid` and begin "NAME:LINE:COLUMN: "; they never quote the text, which may hold
// secrets.
Result<TomlTree> read_tree(std::string_view text, const std::string& name);

// Where a node of a tree that is still alive begins: {line, column}, and as "LINE:COLUMN".
using TomlPlace = std::pair<std::size_t, std::size_t>;
TomlPlace place(const TomlNode& node);
std::string position(const TomlNode& node);

}  // namespace tpool::config
