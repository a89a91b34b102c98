#include "core/config/endpoint.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace tpool::config {
namespace {

constexpr std::size_t longest_url = 2048;

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() && port <= 65535;
}

std::optional<std::string> web_url_fault(std::string_view text, bool credentials) {
  if (text.size() > longest_url) return "is longer than 2048 bytes";
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return "is not a URL";
  const boost::urls::url_view& url = *parsed;
  if (url.scheme_id() != boost::urls::scheme::http && url.scheme_id() != boost::urls::scheme::https)
    return "must begin with http:// or https://";
  if (url.host().empty()) return "names no host";
  // Percent escapes may stand for anything, a line break included.
  for (const char c : url.host_address())
    if (c <= ' ' || c > '~') return "names a host with characters no host name has";
  if (!credentials && url.has_userinfo())
    return "holds credentials, which belong into a key, not into a URL";
  const std::string port(url.port());
  if (url.has_port() && (!is_port(port) || port.find_first_not_of('0') == std::string::npos))
    return "has a port that is not 1 to 65535";
  if (url.has_query()) return "must not hold a query (?...)";
  if (url.has_fragment()) return "must not hold a fragment (#...)";
  return std::nullopt;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

}  // namespace

std::optional<std::string> base_url_fault(std::string_view url) {
  return web_url_fault(url, false);
}

std::optional<std::string> proxy_fault(std::string_view proxy) {
  if (proxy == "inherit" || proxy == "direct") return std::nullopt;
  if (proxy.find("://") == std::string_view::npos)
    return "must be inherit, direct or a URL like http://127.0.0.1:8080";
  return web_url_fault(proxy, true);
}

std::optional<std::string> listen_fault(std::string_view address) {
  constexpr const char* form = "must be HOST:PORT, like 127.0.0.1:3301 or [::1]:3301";
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || !is_port(address.substr(colon + 1))) return form;
  const std::string_view host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const auto inside = host.substr(1, host.size() - 2);
    if (inside.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos &&
        inside.find(':') != std::string_view::npos)
      return std::nullopt;
    return form;
  }
  if (!is_host_name(host)) return form;
  return std::nullopt;
}

}  // namespace tpool::config
