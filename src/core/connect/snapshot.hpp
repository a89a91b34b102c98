// What a client's file looked like before we touched it, so that we can put it back.
//
// A snapshot records, per key we set, the user's value or its absence, and the whole text for an
// exact restore when nothing else changed. Our own values are never recorded as the user's. Kept
// in the state directory, 0600, written before the client's file is. Blocking.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace tpool::connect {

struct Snapshot {
  std::filesystem::path file;  // the client's file, resolved
  bool existed = false;
  std::string text;  // before our first write
  std::string ours;  // as we last wrote it
  // Root keys we set -> the user's raw value text; nullopt: the key was absent.
  std::map<std::string, std::optional<std::string>> before;
  // Root keys we set -> the raw value text we wrote.
  std::map<std::string, std::string> written;
};

Result<std::optional<Snapshot>> load_snapshot(const std::filesystem::path& folder,
                                              const std::filesystem::path& file);
Result<> save_snapshot(const std::filesystem::path& folder, const Snapshot& snapshot);
Result<> drop_snapshot(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace tpool::connect
