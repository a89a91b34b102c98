// What a client's file looked like before we touched it, so that we can put it back.
//
// A snapshot holds the user's whole text, every text of ours that stands for it, and every value we
// wrote into a root key: enough for an exact restore when nothing else changed, and to tell our
// values from the user's when something did. Our own values are never recorded as the user's. Kept
// in the state directory, 0600, written before the client's file is. Blocking.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace tpool::connect {

struct Snapshot {
  std::filesystem::path file;         // the client's file, links followed
  bool existed = false;               // there was such a file before ours
  std::string text;                   // the user's, without anything of ours
  std::optional<unsigned> mode = {};  // permission bits, where it existed
  // Texts of ours whose user's part is exactly `text`, newest first: the one we are about to write,
  // and the one it replaces, for a process killed between the two.
  std::vector<std::string> ours;
  // Root keys we set -> the raw value texts we ever wrote there.
  std::map<std::string, std::set<std::string>> written;

  bool operator==(const Snapshot&) const = default;
};

// Nullopt without one; corrupt, naming the file, when it cannot be read.
Result<std::optional<Snapshot>> load_snapshot(const std::filesystem::path& folder,
                                              const std::filesystem::path& file);
// Both sweep away what a killed writer left beside it, so callers hold one lock among themselves.
Result<> save_snapshot(const std::filesystem::path& folder, const Snapshot& snapshot);
Result<> drop_snapshot(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace tpool::connect
