// The Config as TOML sees it: fields with their values as text, and lists of entries.
//
// What the writer compares and what a new entry is printed from. Fields come in the order a reader
// expects them. Any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/toml_spans.hpp"

namespace tpool::config {

struct TomlField {
  KeyPath path;                              // {"base_url"} or {"limits", "rpm"}
  std::optional<std::string> value = {};     // TOML text; nullopt: not written
  std::optional<std::string> fallback = {};  // what absence means, to say it where a line is there

  bool operator==(const TomlField&) const = default;
};

struct TomlEntry {
  std::string identity = {};  // within its list
  std::vector<TomlField> fields = {};
  std::vector<std::pair<std::string, std::vector<TomlEntry>>> lists = {};
};

TomlEntry entry_of(const Config& config);

// The entry as blocks: [[provider]], its keys, then [[provider.key]] and so on, each after a blank
// line. Ends with a line end.
std::string block_text(const TomlEntry& entry, const std::string& header,
                       const std::string& newline);
// The same as one inline table.
std::string inline_text(const TomlEntry& entry);

}  // namespace tpool::config
