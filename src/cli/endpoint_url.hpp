// A provider's URL as people paste it -> the base URL the store wants.
//
// https://api.x.com/v1/chat/completions gives https://api.x.com/v1 and `chat`. Secrets in the URL
// (user:password@, ?key=) are refused; the few queries that belong to a call's own URL are not.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/types.hpp"

namespace tpool::cli {

struct Endpoint {
  std::string base_url;                   // no trailing slash
  std::optional<Protocol> protocol = {};  // what the path gave away
  bool trimmed = false;                   // a path of one call was taken off
  std::string model = {};                 // an Azure deployment the path names
};

Result<Endpoint> read_endpoint(std::string_view pasted);

// Whether who pasted the one means the other: it, without or with another version, or a part of its
// way from the host on.
bool leads_to(std::string_view pasted, std::string_view base);

// "api.deepseek.com:8443"; empty for what is not a URL.
std::string host_of(std::string_view url);

// Whether it names this machine, where servers usually want no key.
bool is_loopback(std::string_view url);

}  // namespace tpool::cli
