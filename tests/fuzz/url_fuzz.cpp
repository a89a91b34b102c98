// URLs of providers and proxies: what the store takes, the proxy can go to, and no credential of a
// proxy's shows in an error.
#include "core/config/endpoint.hpp"
#include "fuzz.hpp"
#include "proxy/net/origin.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = fuzz::text(data, size);
  const auto space = std::min(all.find(' '), all.size());
  const auto url = all.substr(0, space);
  const auto proxy = all.substr(std::min(space + 1, all.size()));
  const bool url_fine = !config::base_url_fault(url);
  const bool proxy_fine = proxy != "inherit" && !config::proxy_fault(proxy);
  config::listen_fault(all);
  const auto origin = net::make_origin(url, proxy);
  if (url_fine && proxy_fine) require(origin.has_value(), "what the store takes can be gone to");
  if (!origin) return 0;
  require(!origin->host.empty() && !origin->key.empty(), "an origin has a host");
  for (const std::string_view part :
       {std::string_view(origin->path), std::string_view(origin->authority)})
    for (const char c : part)
      require(c > ' ' && c <= '~', "nothing of a URL breaks out of a request's head");
  if (origin->hop)
    require(origin->hop->authorization.find_first_of("\r\n") == std::string::npos,
            "nor do a proxy's credentials");
  return 0;
}
