#include "proxy/net/origin.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "proxy/net/base64.hpp"

namespace tpool::net {
namespace {

bool is_visible(const std::string& host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// A proxy's URL may hold a password, which no message shows.
std::string without_user(std::string_view url) {
  const auto at = url.rfind('@');
  return at == std::string_view::npos ? "'" + std::string(url) + "'"
                                      : "'..." + std::string(url.substr(at)) + "'";
}

}  // namespace

std::string port_of(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Origin> make_origin(std::string_view base_url, std::string_view proxy) {
  const auto parsed = boost::urls::parse_uri(base_url);
  if (!parsed) return invalid("'" + std::string(base_url) + "' is not a URL");
  Origin origin;
  using boost::urls::scheme;
  if (parsed->scheme_id() == scheme::https)
    origin.tls = true;
  else if (parsed->scheme_id() != scheme::http)
    return invalid("'" + std::string(base_url) + "' is neither http nor https");
  const auto host = [](const boost::urls::url_view& url) {
    auto text = url.host_address();
    return std::string(text.data(), text.size());
  };
  origin.host = host(*parsed);
  if (origin.host.empty()) return invalid("'" + std::string(base_url) + "' names no host");
  // Percent escapes may stand for anything, a line break included.
  if (!is_visible(origin.host))
    return invalid("'" + std::string(base_url) + "' names a host that cannot be one");
  origin.port = parsed->has_port() ? parsed->port_number() : (origin.tls ? 443 : 80);
  const auto path = parsed->encoded_path();
  origin.path.assign(path.data(), path.size());
  while (origin.path.ends_with('/')) origin.path.pop_back();
  const bool customary = origin.port == (origin.tls ? 443 : 80);
  origin.authority = port_of(origin.host, origin.port);
  if (customary) origin.authority.resize(origin.authority.rfind(':'));
  if (!proxy.empty() && proxy != "direct") {
    const auto hop = boost::urls::parse_uri(proxy);
    if (!hop || (hop->scheme_id() != scheme::http && hop->scheme_id() != scheme::https) ||
        host(*hop).empty() || !is_visible(host(*hop)))
      return invalid(without_user(proxy) + " is not the http:// or https:// URL of a proxy");
    Hop made;
    made.tls = hop->scheme_id() == scheme::https;
    made.host = host(*hop);
    made.port = hop->has_port() ? hop->port_number() : (made.tls ? 443 : 80);
    if (hop->has_userinfo()) {
      const auto user = hop->userinfo();
      made.authorization = "Basic " + base64(std::string_view(user.data(), user.size()));
    }
    origin.hop = std::move(made);
  }
  origin.key = (origin.tls ? "https " : "http ") + port_of(origin.host, origin.port);
  if (origin.hop)
    origin.key += (origin.hop->tls ? " via https " : " via ") +
                  port_of(origin.hop->host, origin.hop->port) + origin.hop->authorization;
  return origin;
}

}  // namespace tpool::net
