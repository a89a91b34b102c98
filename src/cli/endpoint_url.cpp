#include "cli/endpoint_url.hpp"

#include <array>

namespace tpool::cli {
namespace {

struct CallPath {
  std::string_view suffix;
  std::optional<Protocol> protocol;
};

constexpr std::array call_paths{
    CallPath{"/chat/completions", Protocol::chat},
    CallPath{"/responses", Protocol::responses},
    CallPath{"/messages", Protocol::messages},
    CallPath{"/models", std::nullopt},
};

void drop_slashes(std::string_view& url) {
  while (url.ends_with('/')) url.remove_suffix(1);
}

}  // namespace

std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  auto rest = url.substr(scheme + 3);
  return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

bool is_loopback(std::string_view url) {
  const auto host = host_of(url);
  return host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.") ||
         host.starts_with("[::1]");
}

Result<Endpoint> read_endpoint(std::string_view pasted) {
  auto url = pasted;
  while (!url.empty() && (url.back() == ' ' || url.back() == '\n')) url.remove_suffix(1);
  while (!url.empty() && url.front() == ' ') url.remove_prefix(1);
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return invalid("a base URL starts with https:// or http://",
                   "for example https://api.example.com/v1");
  if (host_of(url).empty()) return invalid("the base URL names no host");
  if (host_of(url).find('@') != std::string::npos)
    return invalid("the base URL holds a user name or password",
                   "leave them out of the URL; keys go in through --key-stdin or --key-env");
  if (const auto query = url.find_first_of("?#"); query != std::string_view::npos)
    return invalid("the base URL holds a query or fragment, which may carry a secret",
                   "give it without the part from '" + std::string(1, url[query]) + "' on");

  Endpoint endpoint;
  drop_slashes(url);
  for (const auto& call : call_paths) {
    if (!url.ends_with(call.suffix)) continue;
    url.remove_suffix(call.suffix.size());
    endpoint.protocol = call.protocol;
    endpoint.trimmed = true;
    break;
  }
  // https://host/v1beta/models/gemini-x:generateContent
  if (const auto call = url.rfind(":generateContent"), models = url.rfind("/models/");
      call != std::string_view::npos && models != std::string_view::npos && models < call) {
    url = url.substr(0, models);
    endpoint.protocol = Protocol::gemini;
    endpoint.trimmed = true;
  }
  drop_slashes(url);
  endpoint.base_url = url;
  return endpoint;
}

}  // namespace tpool::cli
