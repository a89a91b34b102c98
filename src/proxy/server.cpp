#include "proxy/server.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "core/config/paths.hpp"
#include "core/log.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/asio.hpp"

namespace tpool::proxy {
namespace {

constexpr Milliseconds breath{200};

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool same_user(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace

Server::Server(net::Io& io, net::Alarms& alarms, net::Poller& poller, net::Service& service)
    : io_(io), alarms_(alarms), poller_(poller), service_(service), reserve_(open_reserve()) {}

Server::~Server() {
  if (reserve_ >= 0) ::close(reserve_);
  if (!socket_.empty()) ::unlink(socket_.c_str());
}

Result<> Server::listen_tcp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto where = host + ":" + std::to_string(port);
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
    return invalid("cannot listen on " + where + ": " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  const int descriptor = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return unavailable("cannot listen on " + where + ": " + describe_errno(errno));
  const int one = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (::bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(descriptor, 4096) != 0) {
    const int error = errno;
    ::close(descriptor);
    if (error != EADDRINUSE)
      return unavailable("cannot listen on " + where + ": " + describe_errno(error));
    const auto holder = port_holder(port);
    return conflict("port " + std::to_string(port) + " is taken" +
                        (holder.empty() ? std::string() : " by " + holder),
                    "stop it, or serve elsewhere with --listen 127.0.0.1:PORT");
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                            : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  listeners_.push_back(
      std::make_unique<Listener>(Listener{net::Descriptor(io_.get_executor(), descriptor), false}));
  return {};
}

Result<> Server::listen_unix(const std::filesystem::path& path) {
  if (auto made = config::make_private_folder(path.parent_path()); !made) return made.error();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto name = path.string();
  if (name.size() >= sizeof address.sun_path)
    return invalid("the runtime folder's path is too long for a socket: " + name,
                   "set TPOOL_HOME or XDG_RUNTIME_DIR to a shorter one");
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return unavailable("cannot make a socket: " + describe_errno(errno));
  // One that nobody answers is left over from a server that was killed.
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    ::close(descriptor);
    log::warn("another tpool serve answers at " + name + ": the CLI keeps talking to that one");
    return {};
  }
  ::unlink(name.c_str());
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(descriptor, 64) != 0) {
    const int error = errno;
    ::close(descriptor);
    return unavailable("cannot listen at " + name + ": " + describe_errno(error));
  }
  ::chmod(name.c_str(), 0600);
  socket_ = path;
  listeners_.push_back(
      std::make_unique<Listener>(Listener{net::Descriptor(io_.get_executor(), descriptor), true}));
  return {};
}

void Server::start() {
  for (auto& listener : listeners_)
    net::asio::co_spawn(io_.get_executor(), accept(*listener), net::asio::detached);
}

void Server::turn_away(int listener) {
  if (reserve_ < 0) return;
  ::close(reserve_);
  const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor >= 0) ::close(descriptor);
  reserve_ = open_reserve();
}

net::Task<> Server::accept(Listener& listener) {
  net::Timer pause(io_.get_executor());
  for (;;) {
    boost::system::error_code ec;
    auto token = net::asio::redirect_error(net::Use{}, ec);
    co_await listener.descriptor.async_wait(net::Descriptor::wait_read, token);
    if (ec || done_) co_return;
    for (;;) {
      const int descriptor = ::accept4(listener.descriptor.native_handle(), nullptr, nullptr,
                                       SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) {
        if (listener.local && !same_user(descriptor)) {
          ::close(descriptor);
          continue;
        }
        net::asio::co_spawn(io_.get_executor(), session(descriptor, listener.local),
                            net::asio::detached);
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      log::error("cannot accept: " + describe_errno(errno));
      turn_away(listener.descriptor.native_handle());
      pause.expires_after(breath);
      auto waited = net::asio::redirect_error(net::Use{}, ec);
      co_await pause.async_wait(waited);
      break;
    }
  }
}

net::Task<> Server::session(int descriptor, bool local) {
  ++sessions_;
  const int one = 1;
  if (!local) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  auto stream = std::make_unique<net::Stream>(poller_, descriptor);
  const net::SessionLimits limits;
  try {
    co_await net::run_session(std::move(stream), service_, alarms_, limits, local);
  } catch (const std::exception& bug) {
    log::error(std::string("a session ended by a bug: ") + bug.what());
  }
  --sessions_;
  if (done_ && sessions_ == 0) done_();
}

void Server::drain(std::function<void()> done) {
  done_ = std::move(done);
  for (auto& listener : listeners_) {
    boost::system::error_code ignored;
    listener->descriptor.close(ignored);
  }
  alarms_.end_idle();
  if (sessions_ == 0) done_();
}

}  // namespace tpool::proxy
