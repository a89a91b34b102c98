#include "core/config/way_out.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <cctype>
#include <cstdlib>

namespace tpool::config {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool says(const std::optional<std::string>& proxy) {
  return proxy && !proxy->empty() && *proxy != "inherit";
}

std::optional<WayOut> from_environment(std::string_view base_url, const Environment& environment) {
  const auto url = boost::urls::parse_uri(base_url);
  if (!url) return std::nullopt;
  const auto address = url->host_address();
  const std::string host(address.data(), address.size());
  // Both spellings are in use; the lowercase one is the older custom and wins.
  const auto read = [&](std::string name) -> std::optional<WayOut> {
    for (const auto& spelling : {lower(name), name})
      if (auto value = environment(spelling); value && !value->empty())
        return WayOut{*value, spelling};
    return std::nullopt;
  };
  if (const auto none = read("NO_PROXY"); none && no_proxy_covers(none->proxy, host))
    return WayOut{"direct", none->from};
  auto found = read(url->scheme_id() == boost::urls::scheme::https ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (!found) found = read("ALL_PROXY");
  // Local servers are never behind a proxy unless somebody says so in the store.
  if (found && (host == "localhost" || host == "::1" || host.starts_with("127.")))
    return WayOut{"direct", "loopback"};
  // Many programs take HOST:PORT for an HTTP proxy there.
  if (found && found->proxy.find("://") == std::string::npos) found->proxy.insert(0, "http://");
  return found;
}

}  // namespace

bool no_proxy_covers(std::string_view no_proxy, std::string_view host) {
  const auto name = lower(host);
  while (!no_proxy.empty()) {
    const auto comma = std::min(no_proxy.find(','), no_proxy.size());
    auto entry = lower(no_proxy.substr(0, comma));
    no_proxy.remove_prefix(std::min(comma + 1, no_proxy.size()));
    std::erase_if(entry, [](unsigned char c) { return std::isspace(c) || c == '[' || c == ']'; });
    if (entry.empty()) continue;
    if (entry == "*" || entry == name) return true;
    const auto suffix = entry.starts_with("*.")  ? entry.substr(1)
                        : entry.starts_with('.') ? entry
                                                 : "." + entry;
    if (name.size() > suffix.size() && name.ends_with(suffix)) return true;
  }
  return false;
}

WayOut way_out(const Config& config, const Provider& provider, const Key* key,
               std::string_view base_url, const Environment& environment) {
  if (key && says(key->proxy)) return {*key->proxy, "key " + key->id};
  if (key && !key->group.empty())
    for (const auto& group : config.groups)
      if (group.id == key->group && says(group.proxy)) return {*group.proxy, "group " + group.id};
  if (says(provider.proxy)) return {*provider.proxy, "provider " + provider.id};
  if (says(config.settings.proxy)) return {*config.settings.proxy, "settings"};
  if (auto found = from_environment(base_url, environment)) return *found;
  return {"direct", "default"};
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

}  // namespace tpool::config
