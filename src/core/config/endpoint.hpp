// What is wrong with an address the user wrote: nullopt when nothing, else the rest of a sentence
// ("must begin with http:// or https://"). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tpool::config {

// http(s) with a host; no credentials, query or fragment.
std::optional<std::string> base_url_fault(std::string_view url);

// inherit, direct, or an http(s) URL with a host; credentials may be in it.
std::optional<std::string> proxy_fault(std::string_view proxy);

// host:port, an IPv6 host in brackets, port 0 to 65535.
std::optional<std::string> listen_fault(std::string_view address);

}  // namespace tpool::config
