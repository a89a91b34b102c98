// The store on disk: load it, and change it without ever losing an update.
//
// update() takes the lock, reads the file again, applies the edit to the Config value, validates
// all of it, rewrites only the spans that differ, keeps a dated backup (the last ten), and replaces
// the file atomically, 0600. load() validates too. Readers take no lock. A store that does not
// exist loads as the default Config. Blocking; the proxy calls it through net/offload.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/paths.hpp"
#include "core/error.hpp"

namespace tpool::config {

// What an edit did, in words for the user.
struct Change {
  std::string summary;                  // "added provider deepseek"
  std::vector<std::string> notes = {};  // "the curated list was emptied: its ids belong to ..."
};

struct Loaded {
  Config config;
  std::string revision;  // 16 hex digits of the text's SHA-256; "empty" without a file
  // What to tell the user: keys that nobody knows, "others can read ...".
  std::vector<std::string> notes = {};
};

struct Updated {
  Change change;
  Config before;
  Config after;
  std::string revision;
  bool changed = false;  // false when the edit left the Config as it was; nothing was written
  std::string diff;      // unified, for --dry-run; secrets masked
};

using Edit = std::function<Result<Change>(Config&)>;

enum class Mode { write, dry_run };

class Store {
 public:
  explicit Store(Paths paths) : paths_(std::move(paths)) {}

  Result<Loaded> load() const;
  Result<Updated> update(const Edit& edit, Mode mode = Mode::write) const;
  // A whole new text, as a person's editor leaves it: checked, locked, backed up and replaced as
  // update() does. conflict when the store is no longer at revision `seen`.
  Result<Updated> replace_text(const std::string& text, const std::string& seen,
                               Mode mode = Mode::write) const;

  const Paths& paths() const { return paths_; }

 private:
  Paths paths_;
};

}  // namespace tpool::config
