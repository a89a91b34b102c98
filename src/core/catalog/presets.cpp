#include "core/catalog/presets.hpp"

#include <algorithm>

#include "core/catalog/pattern.hpp"
#include "core/catalog/presets_table.hpp"
#include "core/config/edit.hpp"

namespace tpool::catalog {
namespace {

Auth default_auth(Protocol protocol) {
  switch (protocol) {
    case Protocol::messages: return Auth::x_api_key;
    case Protocol::gemini: return Auth::x_goog_api_key;
    case Protocol::echo: return Auth::none;
    case Protocol::responses:
    case Protocol::chat: return Auth::bearer;
  }
  return Auth::bearer;
}

// Clients of the Messages protocol add the version themselves, so its bases are mostly written
// without one.
bool ends_in_version(std::string_view url) {
  const auto last = url.substr(url.rfind('/') + 1);
  return last.size() > 1 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9';
}

Error unknown_preset(const config::Provider& provider) {
  std::vector<std::string> known;
  for (const auto& preset : presets()) known.emplace_back(preset.id);
  const auto near = config::nearest(*provider.preset, known);
  std::string hint =
      near.empty() ? "`tpool provider presets` lists them" : "did you mean " + near.front() + "?";
  return invalid("provider " + provider.id + ": there is no preset " + *provider.preset,
                 std::move(hint));
}

Error quirk_error(const config::Provider& provider, const Error& cause) {
  return {cause.code, "provider " + provider.id + ": " + cause.message, cause.hint};
}

template <class Quirks>
Result<> apply(const Quirks& quirks, protocol::Dialect& dialect) {
  for (const auto& [name, value] : quirks)
    if (auto set = protocol::set_quirk(dialect, name, value); !set) return set.error();
  return {};
}

}  // namespace

const protocol::Dialect& Resolved::dialect_for(std::string_view model) const {
  for (const auto& [pattern, own] : model_dialects)
    if (glob_matches(pattern, model)) return own;
  return dialect;
}

std::span<const Preset> presets() { return preset_table(); }

const Preset* find_preset(std::string_view id) {
  const auto all = presets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Preset& preset) { return preset.id == id; });
  return found == all.end() ? nullptr : &*found;
}

Result<Resolved> resolve(const config::Provider& provider, const config::Routing& routing) {
  const Preset* preset = nullptr;
  if (provider.preset) {
    preset = find_preset(*provider.preset);
    if (!preset) return unknown_preset(provider);
  }
  Resolved resolved;
  resolved.id = provider.id;
  resolved.stored = &provider;
  resolved.name = provider.name ? *provider.name : preset ? std::string(preset->name) : provider.id;

  if (!provider.protocol && !preset)
    return invalid("provider " + provider.id + " has neither a protocol nor a preset",
                   "set its protocol: responses, chat, messages or gemini");
  resolved.protocol = provider.protocol ? *provider.protocol : preset->protocol;
  resolved.base_url = provider.base_url ? *provider.base_url
                      : preset          ? std::string(preset->base_url)
                                        : std::string();
  while (resolved.base_url.ends_with('/')) resolved.base_url.pop_back();
  if (resolved.protocol == Protocol::messages && !resolved.base_url.empty() &&
      !ends_in_version(resolved.base_url))
    resolved.base_url += "/v1";
  if (resolved.base_url.empty() && resolved.protocol != Protocol::echo)
    return preset ? invalid("provider " + provider.id + " needs a base_url of its own",
                            "set it, such as " + std::string(preset->base_url_example))
                  : invalid("provider " + provider.id + " has neither a base_url nor a preset",
                            "set its base_url, such as https://api.example.com/v1");
  // A preset's way to authenticate belongs to its protocol: another protocol starts afresh,
  // with the quirks the preset has for that one.
  const bool same_protocol = preset && preset->protocol == resolved.protocol;
  resolved.auth = provider.auth   ? *provider.auth
                  : same_protocol ? preset->auth
                                  : default_auth(resolved.protocol);
  if (same_protocol)
    if (auto set = apply(preset->quirks, resolved.dialect); !set)
      return quirk_error(provider, set.error());
  if (same_protocol)
    for (const auto& [pattern, quirks] : preset->model_quirks) {
      auto dialect = resolved.dialect;
      if (auto set = apply(quirks, dialect); !set) return quirk_error(provider, set.error());
      resolved.model_dialects.emplace_back(pattern, std::move(dialect));
    }
  if (preset)
    for (const auto& [protocol, quirks] : preset->other_quirks)
      if (protocol == resolved.protocol)
        if (auto set = apply(quirks, resolved.dialect); !set)
          return quirk_error(provider, set.error());
  if (auto set = apply(provider.quirks, resolved.dialect); !set)
    return quirk_error(provider, set.error());
  for (auto& [pattern, dialect] : resolved.model_dialects)
    if (auto set = apply(provider.quirks, dialect); !set) return quirk_error(provider, set.error());
  if (same_protocol) resolved.list_path = preset->list_path;

  const auto& said = provider.timeouts;
  resolved.connect = said.connect.value_or(routing.connect_timeout);
  resolved.first_byte = said.first_byte.value_or(routing.first_byte_timeout);
  resolved.idle = said.idle.value_or(routing.idle_timeout);
  resolved.total = said.total.value_or(routing.total_timeout);
  return resolved;
}

}  // namespace tpool::catalog
