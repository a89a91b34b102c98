// Listens, accepts, and counts the sessions that are open. I/O thread only.
//
// Running out of descriptors backs off instead of spinning: a reserved one is used to turn the
// waiting connection away.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "proxy/net/alarm.hpp"
#include "proxy/net/poller.hpp"
#include "proxy/net/session.hpp"

namespace tpool::proxy {

class Server {
 public:
  Server(net::Io& io, net::Alarms& alarms, net::Poller& poller, net::Service& service);
  ~Server();

  // conflict naming the holder when the port is taken. Port 0 takes a free one; port() tells.
  Result<> listen_tcp(const std::string& host, std::uint16_t port);
  // A socket in a 0700 folder; only processes of the same user are let in.
  Result<> listen_unix(const std::filesystem::path& path);
  std::uint16_t port() const { return port_; }

  void start();
  // No new connections; calls `done` when the last session is over.
  void drain(std::function<void()> done);

 private:
  struct Listener {
    net::Descriptor descriptor;
    bool local;
  };
  net::Task<> accept(Listener& listener);
  net::Task<> session(int descriptor, bool local);
  void turn_away(int listener);

  net::Io& io_;
  net::Alarms& alarms_;
  net::Poller& poller_;
  net::Service& service_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::filesystem::path socket_;
  std::uint16_t port_ = 0;
  int reserve_;
  std::size_t sessions_ = 0;
  std::function<void()> done_;
};

// Who listens on a local port: "nginx (pid 812)", or empty when it cannot be told.
std::string port_holder(std::uint16_t port);

}  // namespace tpool::proxy
