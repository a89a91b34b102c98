// Files only their owner may read: whole reads, and replacement that is all or nothing.
//
// replace() writes beside the resolved target (symlinks followed) with O_EXCL and the given mode,
// fsyncs, renames, fsyncs the folder; on any failure the old file is intact and nothing is left
// beside it. Blocking; not for the I/O thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace tpool::config {

// not_found when there is no such file; unavailable with the system's reason otherwise, and for
// anything but a plain file of at most 64 MiB: a pipe or a device would block or never end.
Result<std::string> read_file(const std::filesystem::path& path);

// Where `path` leads once symlinks are followed, also when nothing is there yet.
Result<std::filesystem::path> resolve_links(const std::filesystem::path& path);

Result<> replace_file(const std::filesystem::path& path, std::string_view text,
                      unsigned mode = 0600);

// Removes what a writer of `path` that was killed left beside it. Only while holding the lock that
// every writer of `path` takes.
void sweep_leftovers(const std::filesystem::path& path);

// An exclusive advisory lock on its own file, released by the destructor or the process's end.
class FileLock {
 public:
  // Waits at most `limit`, then answers conflict naming the lock file.
  static Result<FileLock> take(const std::filesystem::path& path,
                               std::chrono::milliseconds limit = std::chrono::seconds(10));
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tpool::config
