// Where a provider's requests go, and through which proxy. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace tpool::net {

// An HTTP proxy on the way out.
struct Hop {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // "Basic ...", or empty

  bool operator==(const Hop&) const = default;
};

struct Origin {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // of the base URL, without a trailing slash
  std::optional<Hop> hop;
  std::string key;        // equal origins share connections
  std::string authority;  // for the Host field

  // Plain-http requests through a hop name the whole URL.
  bool absolute_form() const { return hop && !tls; }
};

// From a base URL and "direct" or a proxy URL; invalid for what is no http(s) URL.
Result<Origin> make_origin(std::string_view base_url, std::string_view proxy);

// "example.com:443", "[::1]:80".
std::string port_of(const std::string& host, std::uint16_t port);

}  // namespace tpool::net
