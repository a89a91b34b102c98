// A provider as it is shown: what the store says, with the preset's values filled in, secrets
// masked, and what that means in practice.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "core/catalog/pool.hpp"
#include "core/config/config.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {

struct ProviderView {
  std::string id;
  std::string name;
  std::string protocol;
  std::string base_url;
  std::string auth;
  std::vector<std::string> models;  // slugs the pool offers
  std::string keys_summary;         // "env DEEPSEEK_API_KEY", "2 keys", "none"
  std::string state;                // "ready", "off", "DEEPSEEK_API_KEY is not set"
  bool ready = false;
};

ProviderView view_of(const config::Provider& provider, const catalog::Pool& pool);

// Whether the key's secret can be had now, "" when it can. A command is not run to find out.
std::string missing_secret(const config::Key& key);

// A URL that may be shown: credentials in it are ****.
std::string without_password(const std::string& url);

// Which proxy a key uses and who said so: key > group > provider > settings > environment.
struct ProxyChoice {
  std::string value;  // URL with its password masked, or direct
  std::string from;   // "key main", "group team", "provider deepseek", "settings", "environment"
};
ProxyChoice proxy_of(const config::Config& config, const config::Provider& provider,
                     const config::Key* key);

void write_provider(json::Writer& writer, const config::Config& config,
                    const config::Provider& provider, const catalog::Pool& pool);
void write_key(json::Writer& writer, const config::Config& config, const config::Provider& provider,
               const config::Key& key);
std::string describe_provider(const Output& out, const config::Config& config,
                              const config::Provider& provider, const catalog::Pool& pool);

}  // namespace tpool::cli
