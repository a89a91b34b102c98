#include "core/config/secret_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

extern char** environ;

namespace tpool::config {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_output = 64 * 1024;

// The running command; its destructor leaves neither the process nor the pipe behind.
class Child {
 public:
  static Result<Child> start(const std::vector<std::string>& argv);
  Child(Child&& other) noexcept
      : process_(std::exchange(other.process_, -1)), pipe_(std::exchange(other.pipe_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pipe_ >= 0) ::close(pipe_);
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  int pipe() const { return pipe_; }
  // The exit status once the process has ended; nullopt while it runs.
  std::optional<int> poll_end() {
    int status = 0;
    const pid_t ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
    // What it started may still run; the group outlives its leader.
    ::kill(-process_, SIGKILL);
    process_ = -1;
    return ended < 0 ? -1 : status;
  }

 private:
  Child(pid_t process, int pipe) : process_(process), pipe_(pipe) {}
  pid_t process_;
  int pipe_;
};

class SpawnPlan {
 public:
  explicit SpawnPlan(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Result<Child> Child::start(const std::vector<std::string>& argv) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return unavailable("cannot run command " + argv[0] + ": " + describe_errno(errno));
  const SpawnPlan plan(ends[1]);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t process = -1;
  const int number =
      ::posix_spawnp(&process, words[0], plan.actions(), plan.attributes(), words.data(), environ);
  ::close(ends[1]);
  if (number != 0) {
    ::close(ends[0]);
    return unavailable("cannot run command " + argv[0] + ": " + describe_errno(number),
                       "check that it is installed and in PATH");
  }
  return Child(process, ends[0]);
}

std::chrono::milliseconds left(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()),
                  std::chrono::milliseconds(0));
}

// False when the time ran out first.
bool wait_readable(int descriptor, Clock::time_point deadline) {
  for (;;) {
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left(deadline).count()));
    if (ready > 0) return true;
    if (ready == 0 && left(deadline).count() == 0) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Result<std::string> command_output(const std::vector<std::string>& argv,
                                   std::chrono::milliseconds limit) {
  if (argv.empty() || argv[0].empty()) return invalid("a secret's command has no words");
  const auto deadline = Clock::now() + limit;
  auto child = Child::start(argv);
  if (!child) return child.error();
  const auto too_slow = [&] {
    return unavailable(
        "command " + argv[0] + " did not end within " + std::to_string(limit.count() / 1000) + " s",
        "run it yourself; it must not ask questions");
  };
  std::string output;
  std::string buffer(4096, '\0');
  for (;;) {
    if (!wait_readable(child->pipe(), deadline)) return too_slow();
    const ssize_t count = ::read(child->pipe(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    output.append(buffer.data(), static_cast<std::size_t>(count));
    if (output.size() > max_output)
      return unavailable("command " + argv[0] + " printed more than 64 KiB, which is no key");
  }
  // Its output has ended, so its end is near; there is nothing to wait on but the process.
  std::optional<int> status = child->poll_end();
  while (!status) {
    if (left(deadline).count() == 0) return too_slow();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    status = child->poll_end();
  }
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    const std::string how = WIFSIGNALED(*status)
                                ? "was ended by signal " + std::to_string(WTERMSIG(*status))
                                : "exited with " + std::to_string(WEXITSTATUS(*status));
    return unavailable("command " + argv[0] + " " + how, "run it yourself to see why");
  }
  return output;
}

}  // namespace tpool::config
