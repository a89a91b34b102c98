#include "core/connect/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <thread>

extern char** environ;

namespace tpool::connect {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_output = 16 * 1024 * 1024;

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnSettings(const Pipe& out, const Pipe& err, const std::filesystem::path& folder) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

// Ends the whole group, and reaps its leader.
class Group {
 public:
  explicit Group(pid_t leader) : leader_(leader) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() { end(); }

  // The leader's wait status, waiting until `deadline` at most; killed when it passes.
  std::pair<int, bool> wait(Clock::time_point deadline) {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(leader_, &status, WNOHANG);
      if (ended == leader_) {
        // What it started may outlive it.
        ::kill(-leader_, SIGKILL);
        leader_ = -1;
        return {status, true};
      }
      if (ended < 0 && errno != EINTR) return {0, false};
      if (Clock::now() >= deadline) return {0, false};
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  void end() {
    if (leader_ <= 0) return;
    ::kill(-leader_, SIGKILL);
    while (::waitpid(leader_, nullptr, 0) < 0 && errno == EINTR) {
    }
    leader_ = -1;
  }

 private:
  pid_t leader_;
};

std::vector<std::string> environment_of(const ChildPlan& plan) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(plan.environment.begin(), plan.environment.end(),
                                      [&](const auto& set) { return set.first == name; });
    if (!replaced) result.emplace_back(text);
  }
  for (const auto& [name, value] : plan.environment) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// Reads both pipes until they end; false past the deadline or the limit of output.
Result<> read_both(Pipe& out, Pipe& err, ChildResult& result, Clock::time_point deadline,
                   const std::string& name) {
  std::vector<char> buffer(64 * 1024);
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Error{Code::timeout, name + " did not end in time", {}};
    std::array<pollfd, 2> waiting{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(left));
    if (ready < 0 && errno != EINTR)
      return unavailable("cannot read from " + name + ": " + describe_errno(errno));
    if (ready <= 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      auto& text = i == 0 ? result.out : result.err;
      const auto count = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        (i == 0 ? out : err).close_end(0);
        continue;
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
      if (text.size() > most_output) return unavailable(name + " writes without end");
    }
  }
  return {};
}

}  // namespace

Result<ChildResult> run_child(const ChildPlan& plan) {
  const auto deadline = Clock::now() + plan.limit;
  const auto& name = plan.argv.front();
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open())
    return unavailable("cannot run " + name + ": " + describe_errno(errno));
  const SpawnSettings settings(out, err, plan.folder);
  auto words = plan.argv;
  auto variables = environment_of(plan);
  pid_t leader = -1;
  const int failed = ::posix_spawnp(&leader, name.c_str(), &settings.actions, &settings.attributes,
                                    pointers(words).data(), pointers(variables).data());
  if (failed != 0) return unavailable("cannot run " + name + ": " + describe_errno(failed));
  Group group(leader);
  out.close_end(1);
  err.close_end(1);
  ChildResult result;
  if (auto read = read_both(out, err, result, deadline, name); !read) return read.error();
  const auto [status, ended] = group.wait(deadline);
  if (!ended) return Error{Code::timeout, name + " did not end in time", {}};
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace tpool::connect
