#include "proxy/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <charconv>
#include <cstring>

namespace tpool::net {
namespace {

constexpr Milliseconds remembered{30'000};
constexpr std::size_t most_names = 256;

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port, int flags) {
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

}  // namespace

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, std::uint16_t port) {
  auto literal = look_up(host, port, AI_NUMERICHOST);
  if (literal) co_return literal;
  const auto name = host + ":" + std::to_string(port);
  const auto now = std::chrono::steady_clock::now();
  if (const auto it = known_.find(name); it != known_.end() && it->second.until > now)
    co_return it->second.addresses;
  auto work = [host, port] { return look_up(host, port, AI_ADDRCONFIG); };
  auto found = co_await offload_.run(std::move(work));
  if (found) {
    if (known_.size() >= most_names) known_.clear();
    known_[name] = {*found, now + remembered};
  }
  co_return found;
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
