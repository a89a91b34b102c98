// Names to socket addresses, off the I/O thread, remembered for half a minute.
//
// Address literals answer at once. I/O thread only.
#pragma once

#include <sys/socket.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"
#include "proxy/net/offload.hpp"

namespace tpool::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

class Resolver {
 public:
  explicit Resolver(Offload& offload) : offload_(offload) {}
  // unavailable with the resolver's reason; never an empty list.
  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port);

 private:
  struct Known {
    std::vector<Address> addresses;
    Instant until;
  };
  Offload& offload_;
  std::map<std::string, Known> known_;
};

// "127.0.0.1:3301", "[::1]:80".
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);
bool is_loopback(const std::string& host);

}  // namespace tpool::net
