// Who holds a port, from /proc: the inode of the listening socket, then the process that has it.
#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "proxy/server.hpp"

namespace tpool::proxy {
namespace {

constexpr std::string_view listening = "0A";

std::string listening_inode(const char* table, std::uint16_t port) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer, retries, user, timeout, inode;
    words >> slot >> local >> remote >> state >> queues >> timer >> retries >> user >> timeout >>
        inode;
    const auto colon = local.rfind(':');
    if (state != listening || colon == std::string::npos) continue;
    unsigned number = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
    if (number == port) return inode;
  }
  return {};
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  auto inode = listening_inode("/proc/net/tcp", port);
  if (inode.empty()) inode = listening_inode("/proc/net/tcp6", port);
  if (inode.empty()) return {};
  const auto wanted = "socket:[" + inode + "]";
  std::error_code ignored;
  for (const auto& process : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto pid = process.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code hidden;
    for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", hidden)) {
      std::error_code gone;
      if (std::filesystem::read_symlink(fd.path(), gone).string() != wanted) continue;
      std::ifstream comm(process.path() / "comm");
      std::string name;
      std::getline(comm, name);
      return name + " (pid " + pid + ")";
    }
  }
  return {};
}

}  // namespace tpool::proxy
