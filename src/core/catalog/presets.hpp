// Known providers, as data: what `provider add NAME` fills in.
//
// Documented endpoints and key variables only. A preset's values hold until the store overrides
// them. Any thread.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"
#include "core/protocol/dialect.hpp"

namespace tpool::catalog {

class FactsBook;

using Quirks = std::vector<std::pair<std::string_view, std::string_view>>;

struct Preset {
  std::string_view id;
  std::string_view name;
  Protocol protocol;
  std::string_view base_url;
  Auth auth;
  std::string_view key_env;   // customary variable, empty for local servers
  std::string_view key_page;  // where a user gets a key, may be empty
  std::string_view note;      // what is known to differ, may be empty
  Quirks quirks;
  std::vector<std::string_view> models;  // used until a list was fetched
  // Globs over upstream ids -> quirks on top of the preset's; the first match counts.
  std::vector<std::pair<std::string_view, Quirks>> model_quirks = {};
  std::string_view list_path = {};         // of its model list on the same host; empty: /models
  std::string_view base_url_example = {};  // where base_url is empty: every account has its own
  // Quirks where it is spoken to in another protocol than its own.
  std::vector<std::pair<Protocol, Quirks>> other_quirks = {};
};

std::span<const Preset> presets();
const Preset* find_preset(std::string_view id);

// A provider with its preset's values filled in: what everything but the store reads.
struct Resolved {
  std::string id;
  std::string name;
  Protocol protocol = Protocol::chat;
  std::string base_url;  // no trailing slash
  Auth auth = Auth::bearer;
  protocol::Dialect dialect;  // what holds for every model without a dialect of its own
  std::vector<std::pair<std::string_view, protocol::Dialect>> model_dialects = {};
  std::string_view list_path = {};
  Milliseconds connect{};
  Milliseconds first_byte{};
  Milliseconds idle{};
  Milliseconds total{};
  std::shared_ptr<const FactsBook> book = nullptr;  // set by the pool it belongs to
  const config::Provider* stored = nullptr;         // lives as long as the Config it came from

  // How one of its models is spoken to; `model` is the upstream id.
  const protocol::Dialect& dialect_for(std::string_view model) const;
};

// invalid when protocol or base_url are said by neither.
Result<Resolved> resolve(const config::Provider& provider,
                         const config::Routing& routing = config::default_routing);

}  // namespace tpool::catalog
