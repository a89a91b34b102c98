// Names to socket addresses, off the I/O thread, remembered for half a minute.
//
// Address literals answer at once. A name server that does not answer keeps nobody waiting but who
// wants that name: a question has a thread of its own, which is left behind when the process ends;
// a name is asked for once however many want it, and who waits is woken by its alarm. I/O thread
// only.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"
#include "proxy/net/alarm.hpp"

namespace tpool::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Blocks; any thread. timeout when no name server answers.
Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port);

class Resolver {
 public:
  using LookUp = std::function<Result<std::vector<Address>>(const std::string&, std::uint16_t)>;
  explicit Resolver(Io& io, LookUp ask = look_up);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  // unavailable with the resolver's reason, timeout when the alarm rang or the client left before;
  // never an empty list.
  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, Alarm& alarm);

 private:
  struct Known {
    std::vector<Address> addresses;
    Instant until;
  };
  // A question under way, and who waits for its answer.
  struct Asked {
    std::optional<Result<std::vector<Address>>> answer = {};
    std::vector<Alarm*> waiting = {};
  };
  // What the threads may still find here; null when there is nobody left to tell.
  struct Home {
    std::mutex mutex;
    Resolver* resolver;
  };
  void ask(const std::string& name, const std::string& host, std::uint16_t port);
  void answer(const std::string& name, Result<std::vector<Address>> found);

  Io& io_;
  LookUp ask_;
  std::shared_ptr<Home> home_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::shared_ptr<Asked>> asked_;
};

// "127.0.0.1:3301", "[::1]:80".
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);
bool is_loopback(const std::string& host);

}  // namespace tpool::net
