// Codex's home: which files are in question, and reading them without surprises.
//
// Blocking.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/catalog/pool.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/snapshot.hpp"
#include "core/error.hpp"

namespace tpool::connect {

struct CodexFiles {
  std::filesystem::path config;   // the user's
  std::filesystem::path profile;  // ours: codex -p tpool
  std::filesystem::path catalog;  // ours, with catalog mode file

  explicit CodexFiles(const std::filesystem::path& home);
};

struct FileText {
  std::filesystem::path file;
  std::filesystem::path resolved;  // links followed
  bool existed = false;
  std::string text;
  unsigned mode = 0600;  // its permission bits
};
// A missing file is empty text.
Result<FileText> read_text(const std::filesystem::path& file);
// The same, and corrupt with line and column when it is not valid TOML.
Result<FileText> read_toml(const std::filesystem::path& file);

// What makes `after` of it; its mode stays.
FileChange change_of(const FileText& file, std::string after);
// The change puts a token into the file, so nobody else may read it; the snapshot remembers the
// user's mode, and the plan says so when it changes.
void keep_others_out(const FileText& file, const std::optional<Snapshot>& old, FileChange& change,
                     Snapshot& snapshot, Plan& plan);
// What keep_others_out() changed is as it was, unless somebody has changed it since.
void let_others_in(const FileText& file, const std::optional<Snapshot>& kept, FileChange& change);

// Whether a catalog file is one of ours, by how it begins.
bool is_our_catalog(std::string_view text);

// Whether a name belongs to the pool, or to a provider that is switched off at the moment.
std::function<bool(std::string_view)> pool_names(const catalog::Pool* pool);

// http://127.0.0.1:3301/v1 for 127.0.0.1:3301; a listener on every address is reached on loopback.
std::string base_url_for(std::string_view listen);

}  // namespace tpool::connect
