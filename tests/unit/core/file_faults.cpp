#include "file_faults.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace {

int halves_left = -1;
// Looked at by every thread that touches a file, and set by one that has none beside it.
std::atomic<int> calls_left = -1;
std::atomic<int> failing_with = 0;
std::atomic<std::size_t> piece = 0;
std::atomic<bool> has_failed = false;

void maybe_die() {
  if (halves_left >= 0 && halves_left-- == 0) ::kill(::getpid(), SIGKILL);
}

bool fails() {
  if (calls_left < 0 || calls_left-- != 0) return false;
  has_failed = true;
  errno = failing_with;
  return true;
}

template <class Call>
long counted(Call call) {
  if (fails()) return -1;
  maybe_die();
  const long result = call();
  maybe_die();
  return result;
}

std::size_t allowed(std::size_t wanted) {
  const std::size_t most = piece;
  return most == 0 ? wanted : std::min(wanted, most);
}

}  // namespace

namespace tpool::testing {

void die_at(int n) { halves_left = n; }

FileFault::FileFault(int n, int error) {
  has_failed = false;
  failing_with = error;
  calls_left = n;
}
FileFault::FileFault(std::size_t bytes) { piece = bytes; }
FileFault::~FileFault() {
  calls_left = -1;
  piece = 0;
}
bool FileFault::happened() const { return has_failed; }

}  // namespace tpool::testing

extern "C" {
int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  const auto call = [&] { return ::syscall(SYS_openat, AT_FDCWD, path, flags, mode); };
  return static_cast<int>((flags & O_CREAT) != 0 ? counted(call) : call());
}
ssize_t write(int descriptor, const void* data, std::size_t size) {
  const auto call = [&] { return ::syscall(SYS_write, descriptor, data, allowed(size)); };
  return descriptor > STDERR_FILENO ? counted(call) : ::syscall(SYS_write, descriptor, data, size);
}
ssize_t read(int descriptor, void* data, std::size_t size) {
  return ::syscall(SYS_read, descriptor, data, allowed(size));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(counted([&] { return ::syscall(SYS_rename, from, to); }));
}
int fsync(int) {
  return static_cast<int>(counted([] { return 0L; }));
}
int fchmod(int descriptor, mode_t mode) noexcept {
  return static_cast<int>(counted([&] { return ::syscall(SYS_fchmod, descriptor, mode); }));
}
int unlink(const char* path) noexcept {
  return static_cast<int>(counted([&] { return ::syscall(SYS_unlink, path); }));
}
int remove(const char* path) noexcept {
  return static_cast<int>(counted([&] {
    const long result = ::syscall(SYS_unlink, path);
    return result == 0 || errno != EISDIR ? result : ::syscall(SYS_rmdir, path);
  }));
}
int mkdir(const char* path, mode_t mode) noexcept {
  return static_cast<int>(counted([&] { return ::syscall(SYS_mkdir, path, mode); }));
}
}
