#include "killed_at.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

int halves_left = -1;

void maybe_die() {
  if (halves_left >= 0 && halves_left-- == 0) ::kill(::getpid(), SIGKILL);
}

template <class Call>
int counted(Call call) {
  maybe_die();
  const auto result = call();
  maybe_die();
  return static_cast<int>(result);
}

}  // namespace

namespace tpool::testing {

void die_at(int n) { halves_left = n; }

}  // namespace tpool::testing

extern "C" {
int rename(const char* from, const char* to) noexcept {
  return counted([&] { return ::syscall(SYS_rename, from, to); });
}
int fsync(int) {
  return counted([] { return 0; });
}
int fchmod(int descriptor, mode_t mode) noexcept {
  return counted([&] { return ::syscall(SYS_fchmod, descriptor, mode); });
}
int unlink(const char* path) noexcept {
  return counted([&] { return ::syscall(SYS_unlink, path); });
}
int remove(const char* path) noexcept {
  return counted([&] {
    const auto result = ::syscall(SYS_unlink, path);
    return result == 0 || errno != EISDIR ? result : ::syscall(SYS_rmdir, path);
  });
}
int mkdir(const char* path, mode_t mode) noexcept {
  return counted([&] { return ::syscall(SYS_mkdir, path, mode); });
}
}
