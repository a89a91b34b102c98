#include "proxy/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>
#include <thread>

namespace tpool::net {
namespace {

constexpr Milliseconds remembered{30'000};
constexpr std::size_t most_names = 256;

Result<std::vector<Address>> resolved(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  // No name server answered: that says nothing about the name.
  if (code == EAI_AGAIN)
    return Error{Code::timeout, "cannot resolve " + host + ": " + ::gai_strerror(code)};
  if (code != 0)
    return unavailable("cannot resolve " + host + ": " +
                       (code == EAI_SYSTEM ? describe_errno(errno) : ::gai_strerror(code)));
  std::vector<Address> addresses;
  for (const auto* one = found; one; one = one->ai_next) {
    Address address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return unavailable("cannot resolve " + host + ": it has no address");
  return addresses;
}

// Stands among those who wait for an answer, as long as it lives.
class Waiting {
 public:
  Waiting(std::vector<Alarm*>& row, Alarm& alarm) : row_(row), alarm_(alarm) {
    row_.push_back(&alarm_);
  }
  ~Waiting() { row_.erase(std::find(row_.begin(), row_.end(), &alarm_)); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::vector<Alarm*>& row_;
  Alarm& alarm_;
};

}  // namespace

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port) {
  return resolved(host, port, AI_ADDRCONFIG);
}

Resolver::Resolver(Io& io, LookUp ask)
    : io_(io), ask_(std::move(ask)), home_(std::make_shared<Home>()) {
  home_->resolver = this;
}

Resolver::~Resolver() {
  const std::scoped_lock lock(home_->mutex);
  home_->resolver = nullptr;
}

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, std::uint16_t port,
                                                     Alarm& alarm) {
  auto literal = resolved(host, port, AI_NUMERICHOST);
  if (literal) co_return literal;
  const auto name = host + ":" + std::to_string(port);
  const auto now = std::chrono::steady_clock::now();
  if (const auto it = known_.find(name); it != known_.end() && it->second.until > now)
    co_return it->second.addresses;
  auto asked = asked_[name];
  if (!asked) {
    asked_[name] = asked = std::make_shared<Asked>();
    ask(name, host, port);
  }
  const Waiting waiting(asked->waiting, alarm);
  while (!asked->answer && !alarm.rang() && !alarm.gone())
    co_await sleep_until(alarm, Instant::max());
  if (!asked->answer)
    co_return Error{Code::timeout, "cannot resolve " + host + ": no name server answers"};
  co_return *asked->answer;
}

void Resolver::ask(const std::string& name, const std::string& host, std::uint16_t port) {
  auto work = [home = home_, ask = ask_, name, host, port] {
    auto found = ask(host, port);
    const std::scoped_lock lock(home->mutex);
    if (!home->resolver) return;
    auto tell = [home, name, found = std::move(found)]() mutable {
      if (home->resolver) home->resolver->answer(name, std::move(found));
    };
    asio::post(home->resolver->io_, std::move(tell));
  };
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& e) {
    answer(name, unavailable("cannot resolve " + host + ": " + e.code().message()));
  }
}

void Resolver::answer(const std::string& name, Result<std::vector<Address>> found) {
  if (found) {
    if (known_.size() >= most_names) known_.clear();
    known_[name] = {*found, std::chrono::steady_clock::now() + remembered};
  }
  const auto asked = asked_.extract(name).mapped();
  asked->answer = std::move(found);
  for (auto* alarm : asked->waiting) alarm->nudge();
}

Result<HostPort> parse_host_port(std::string_view text) {
  const auto bad = [&] {
    return invalid("'" + std::string(text) + "' is not HOST:PORT", "for example 127.0.0.1:3301");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return bad();
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  HostPort result;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  if (ec != std::errc{} || end != digits.data() + digits.size()) return bad();
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad();
  result.host = std::string(host);
  return result;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr v4{};
  return ::inet_pton(AF_INET, host.c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

}  // namespace tpool::net
