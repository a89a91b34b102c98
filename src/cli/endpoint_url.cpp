#include "cli/endpoint_url.hpp"

#include <algorithm>
#include <array>

namespace tpool::cli {
namespace {

struct CallPath {
  std::string_view suffix;
  std::optional<Protocol> protocol;
};

constexpr std::array call_paths{
    CallPath{"/chat/completions", Protocol::chat},
    CallPath{"/responses/compact", Protocol::responses},
    CallPath{"/responses", Protocol::responses},
    CallPath{"/messages/count_tokens", Protocol::messages},
    CallPath{"/messages", Protocol::messages},
    CallPath{"/embeddings", std::nullopt},
    CallPath{"/models", std::nullopt},
};

// Where a provider speaks another protocol beside its own, its path says which.
constexpr std::array spoken_below{
    CallPath{"/anthropic", Protocol::messages},
    CallPath{"/anthropic/v1", Protocol::messages},
    CallPath{"/v1beta/openai", Protocol::chat},
};

// Ollama's own API; its OpenAI-compatible one lies beside it.
constexpr std::array ollama_paths{"/api/chat", "/api/generate", "/api/tags"};

// They say how one call is made and hold no secret.
constexpr std::array harmless_queries{"?alt=sse", "?beta=true", "?api-version="};

constexpr std::string_view deployments = "/openai/deployments/";

constexpr std::string_view blank = " \t\r\n";

// Without the version at its end: people paste addresses with and without it.
std::string_view unversioned(std::string_view url) {
  const auto slash = url.rfind('/');
  if (slash == std::string_view::npos) return url;
  const auto last = url.substr(slash + 1);
  const bool version = last.size() > 1 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9';
  return version ? url.substr(0, slash) : url;
}

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

bool leads_to(std::string_view pasted, std::string_view base) {
  const auto from = unversioned(pasted), to = unversioned(base);
  return to.starts_with(from) && (to.size() == from.size() || to[from.size()] == '/');
}

Result<Endpoint> read_endpoint(std::string_view pasted) {
  auto url = pasted;
  url.remove_prefix(std::min(url.find_first_not_of(blank), url.size()));
  url = url.substr(0, url.find_last_not_of(blank) + 1);
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return invalid("a base URL starts with https:// or http://",
                   "for example https://api.example.com/v1");
  if (host_of(url).empty()) return invalid("the base URL names no host");
  if (host_of(url).find('@') != std::string::npos)
    return invalid("the base URL holds a user name or password",
                   "leave them out of the URL; keys go in through --key-stdin or --key-env");
  const auto query = url.find_first_of("?#");
  const auto asked = query == std::string_view::npos ? std::string_view() : url.substr(query);
  const bool harmless =
      asked.find('&') == std::string_view::npos &&
      std::any_of(harmless_queries.begin(), harmless_queries.end(),
                  [&](std::string_view known) { return asked.starts_with(known); });
  if (!asked.empty() && !harmless)
    return invalid("the base URL holds a query or fragment, which may carry a secret",
                   "give it without the part from '" + std::string(1, url[query]) + "' on");

  Endpoint endpoint;
  if (harmless) {
    url = url.substr(0, query);
    endpoint.trimmed = true;
  }
  drop_slashes(url);
  for (const auto& call : call_paths) {
    if (!url.ends_with(call.suffix)) continue;
    url.remove_suffix(call.suffix.size());
    endpoint.protocol = call.protocol;
    endpoint.trimmed = true;
    break;
  }
  // https://host/v1beta/models/gemini-x:generateContent, also :streamGenerateContent
  if (const auto call = url.rfind(':'), models = url.rfind("/models/");
      (url.ends_with(":generateContent") || url.ends_with(":streamGenerateContent")) &&
      models != std::string_view::npos && models < call) {
    url = url.substr(0, models);
    endpoint.protocol = Protocol::gemini;
    endpoint.trimmed = true;
  }
  drop_slashes(url);
  endpoint.base_url = url;
  for (const std::string_view path : ollama_paths) {
    if (!url.ends_with(path)) continue;
    endpoint.base_url = std::string(url.substr(0, url.size() - path.size())) + "/v1";
    endpoint.protocol = Protocol::chat;
    endpoint.trimmed = true;
  }
  for (const auto& below : spoken_below)
    if (!endpoint.protocol && url.ends_with(below.suffix)) endpoint.protocol = below.protocol;
  // Azure's address before it had versions in the path.
  if (asked.starts_with("?api-version=") && url.ends_with("/openai"))
    endpoint.base_url = std::string(url) + "/v1";
  if (const auto at = url.find(deployments); at != std::string_view::npos) {
    const auto name = url.substr(at + deployments.size());
    endpoint.model = name.substr(0, name.find('/'));
    endpoint.base_url = std::string(url.substr(0, at)) + "/openai/v1";
    endpoint.trimmed = true;
  }
  return endpoint;
}

}  // namespace tpool::cli
