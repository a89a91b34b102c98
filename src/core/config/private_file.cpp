#include "core/config/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

namespace tpool::config {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t max_file_size = 64 * 1024 * 1024;
constexpr int max_links = 40;
constexpr std::string_view temporary_mark = ".tmp.";

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

std::string hint_for(int number, const fs::path& path) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return "free some space, then run this again";
    case EROFS: return "the file system is read-only: remount it, or point TPOOL_CONFIG elsewhere";
    case EACCES:
    case EPERM: return "check owner and mode of " + path.string() + " and of its folder";
    case EFBIG: return "the limit on file sizes (ulimit -f) is too small";
    default: return {};
  }
}

Error failed_to(std::string_view verb, const fs::path& path, int number) {
  return unavailable(
      "cannot " + std::string(verb) + " " + path.string() + ": " + describe_errno(number),
      hint_for(number, path));
}

// Answers 0, or the errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

fs::path temporary_for(const fs::path& target) {
  // The number keeps two threads of one process apart.
  static std::atomic<unsigned> counter{0};
  fs::path name = target;
  name += std::string(temporary_mark) + std::to_string(::getpid()) + "." +
          std::to_string(counter.fetch_add(1));
  return name;
}

// Fills the temporary and makes it durable. Answers 0, or the errno.
int fill(int descriptor, std::string_view text, unsigned mode, const struct stat* old) {
  if (::fchmod(descriptor, mode) != 0) return errno;
  // Run by root for somebody else, the file must stay theirs.
  if (old != nullptr && ::geteuid() == 0 && old->st_uid != 0 &&
      ::fchown(descriptor, old->st_uid, old->st_gid) != 0)
    return errno;
  if (const int number = write_all(descriptor, text); number != 0) return number;
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  // Not to block on a pipe nobody writes to; plain files do not mind.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return not_found("there is no file " + path.string());
    return failed_to("read", path, errno);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return failed_to("read", path, errno);
  if (!S_ISREG(info.st_mode)) return unavailable(path.string() + " is not a plain file");
  std::string text;
  std::string buffer(64 * 1024, '\0');
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed_to("read", path, errno);
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > max_file_size)
      return unavailable(path.string() + " is larger than 64 MiB, which no file of ours is");
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<fs::path> resolve_links(const fs::path& path) {
  fs::path at = path;
  for (int followed = 0; followed < max_links; ++followed) {
    std::error_code failed;
    const fs::path next = fs::read_symlink(at, failed);
    if (failed) {
      // No link, or nothing there: this is the end of the chain.
      if (failed.value() == EINVAL || failed.value() == ENOENT || failed.value() == ENOTDIR)
        return at;
      return failed_to("follow", at, failed.value());
    }
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return unavailable(path.string() + " is a symbolic link that leads in a circle");
}

Result<> replace_file(const fs::path& path, std::string_view text, unsigned mode) {
  const auto target = resolve_links(path);
  if (!target) return target.error();
  struct stat old {};
  const bool existed = ::stat(target->c_str(), &old) == 0;
  if (existed && !S_ISREG(old.st_mode)) return unavailable(target->string() + " is no plain file");
  const fs::path folder = target->has_parent_path() ? target->parent_path() : fs::path(".");
  const fs::path temporary = temporary_for(*target);
  int number = 0;
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return failed_to("write", *target, errno);
    number = fill(file.get(), text, mode, existed ? &old : nullptr);
  }
  if (number == 0 && ::rename(temporary.c_str(), target->c_str()) != 0) number = errno;
  if (number != 0) {
    ::unlink(temporary.c_str());
    return failed_to("write", *target, number);
  }
  // The new file is in place; a folder that cannot be synced only delays when it is durable.
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
  return {};
}

void sweep_leftovers(const fs::path& path) {
  const auto target = resolve_links(path);
  if (!target) return;
  const std::string prefix = target->filename().string() + std::string(temporary_mark);
  std::error_code failed;
  fs::directory_iterator entry(target->parent_path(), failed);
  while (!failed && entry != fs::directory_iterator()) {
    const fs::path found = entry->path();
    entry.increment(failed);
    if (found.filename().string().starts_with(prefix)) ::unlink(found.c_str());
  }
}

Result<FileLock> FileLock::take(const fs::path& path, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::chrono::milliseconds pause{1};
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return failed_to("lock", path, errno);
    FileLock lock(descriptor);
    const bool taken = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (!taken && errno != EWOULDBLOCK && errno != EINTR) return failed_to("lock", path, errno);
    if (taken) {
      // Somebody may have removed the file between open and lock; then others lock another one.
      struct stat held {};
      struct stat named {};
      if (::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
          held.st_ino == named.st_ino && held.st_dev == named.st_dev)
        return lock;
    }
    if (std::chrono::steady_clock::now() >= deadline)
      return conflict("another tpool is changing this: " + path.string() + " is locked",
                      "wait for it to end, then run this again");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(16));
  }
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tpool::config
