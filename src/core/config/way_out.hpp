// Which HTTP proxy a call goes through, and who decided it.
//
// key > group > provider > settings > environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY);
// "inherit" passes on to the next, "direct" ends it. Pure: the environment is an argument.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/config.hpp"

namespace tpool::config {

struct WayOut {
  std::string proxy;  // "direct" or a URL
  std::string
      from;  // "key main", "group team", "provider deepseek", "settings", "HTTPS_PROXY", "default"
};

using Environment = std::function<std::optional<std::string>(const std::string&)>;

// `key` may be nullptr.
WayOut way_out(const Config& config, const Provider& provider, const Key* key,
               std::string_view base_url, const Environment& environment);

// Whether NO_PROXY covers `host`: exact names, .suffixes, addresses, or *.
bool no_proxy_covers(std::string_view no_proxy, std::string_view host);

// The process's own environment.
Environment process_environment();

}  // namespace tpool::config
