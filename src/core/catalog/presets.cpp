#include "core/catalog/presets.hpp"

#include <algorithm>
#include <array>

#include "core/config/edit.hpp"

namespace tpool::catalog {
namespace {

using Quirks = std::vector<std::pair<std::string_view, std::string_view>>;

const Quirks glm_quirks{{"effort", "thinking"},
                        {"json_schema", "json_object"},
                        {"strict_tools", "false"},
                        {"parallel_tool_calls", "false"}};
const Quirks kimi_quirks{{"effort", "thinking"}, {"prompt_cache_key", "true"}};
const std::vector<std::string_view> glm_models{"glm-5.3", "glm-5.2", "glm-5-turbo",
                                               "glm-4.7", "glm-4.6", "glm-4.5-air"};
const std::vector<std::string_view> kimi_models{"kimi-k3", "kimi-k2.7-code", "kimi-k2.6",
                                                "kimi-k2.5"};

const std::array<Preset, 11>& table() {
  static const std::array<Preset, 11> entries{{
      {"openai",
       "OpenAI",
       Protocol::responses,
       "https://api.openai.com/v1",
       Auth::bearer,
       "OPENAI_API_KEY",
       "https://platform.openai.com/api-keys",
       "",
       {{"developer_role", "true"},
        {"prompt_cache_key", "true"},
        {"verbosity", "true"},
        {"responses_compaction", "true"},
        {"tool_images", "true"},
        {"responses_namespaces", "true"}},
       {"gpt-6-astra", "gpt-6-sol", "gpt-6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna",
        "gpt-5.5", "gpt-5.3-codex", "gpt-5-mini"}},
      {"deepseek",
       "DeepSeek",
       Protocol::chat,
       "https://api.deepseek.com",
       Auth::bearer,
       "DEEPSEEK_API_KEY",
       "https://platform.deepseek.com/api_keys",
       "JSON output without a schema; half the price outside peak hours",
       {{"reasoning_field", "reasoning_content"},
        {"json_schema", "json_object"},
        {"strict_tools", "false"},
        {"parallel_tool_calls", "false"}},
       {"deepseek-chat", "deepseek-reasoner", "deepseek-v4-pro", "deepseek-flash"}},
      {"openrouter",
       "OpenRouter",
       Protocol::chat,
       "https://openrouter.ai/api/v1",
       Auth::bearer,
       "OPENROUTER_API_KEY",
       "https://openrouter.ai/keys",
       "lists several hundred models: `exclude` or a curated list keeps the picker short",
       {{"reasoning_field", "reasoning"}, {"effort", "reasoning"}},
       {"anthropic/claude-opus-5", "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol",
        "deepseek/deepseek-v4-pro", "moonshotai/kimi-k3", "z-ai/glm-5.2"}},
      {"moonshot", "Moonshot", Protocol::chat, "https://api.moonshot.ai/v1", Auth::bearer,
       "MOONSHOT_API_KEY", "https://platform.moonshot.ai/console/api-keys",
       "the international platform; keys of platform.moonshot.cn need moonshot-cn", kimi_quirks,
       kimi_models},
      {"moonshot-cn", "Moonshot (China)", Protocol::chat, "https://api.moonshot.cn/v1",
       Auth::bearer, "MOONSHOT_API_KEY", "https://platform.moonshot.cn/console/api-keys",
       "the Chinese platform; keys of platform.moonshot.ai need moonshot", kimi_quirks,
       kimi_models},
      {"zhipu", "Zhipu", Protocol::chat, "https://open.bigmodel.cn/api/paas/v4", Auth::bearer,
       "ZHIPU_API_KEY", "https://open.bigmodel.cn/usercenter/apikeys",
       "the Chinese platform; keys of z.ai need zai", glm_quirks, glm_models},
      {"zai", "Z.AI", Protocol::chat, "https://api.z.ai/api/paas/v4", Auth::bearer, "ZAI_API_KEY",
       "https://z.ai/manage-apikey/apikey-list",
       "the international platform; keys of open.bigmodel.cn need zhipu", glm_quirks, glm_models},
      {"ollama",
       "Ollama",
       Protocol::chat,
       "http://127.0.0.1:11434/v1",
       Auth::none,
       "",
       "",
       "the context window is what Ollama was started with; say it with [[provider.model]]",
       {{"reasoning_field", "reasoning"}, {"strict_tools", "false"}},
       {}},
      {"lmstudio",
       "LM Studio",
       Protocol::chat,
       "http://127.0.0.1:1234/v1",
       Auth::none,
       "",
       "",
       "the context window is what the model was loaded with; say it with [[provider.model]]",
       {{"reasoning_field", "reasoning_content"}, {"strict_tools", "false"}},
       {}},
      {"vllm",
       "vLLM",
       Protocol::chat,
       "http://127.0.0.1:8000/v1",
       Auth::none,
       "",
       "",
       "start it with --enable-auto-tool-choice and the model's tool parser for tool calls",
       {{"reasoning_field", "reasoning_content"}},
       {}},
      {"echo",
       "Echo",
       Protocol::echo,
       "",
       Auth::none,
       "",
       "",
       "built in and offline; deterministic answers for trying things out",
       {},
       {"echo-1", "echo-reasoner"}},
  }};
  return entries;
}

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

}  // namespace

std::span<const Preset> presets() { return table(); }

const Preset* find_preset(std::string_view id) {
  const auto& all = table();
  const auto* found =
      std::find_if(all.begin(), all.end(), [&](const Preset& preset) { return preset.id == id; });
  return found == all.end() ? nullptr : found;
}

Result<Resolved> resolve(const config::Provider& provider) {
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
  if (resolved.base_url.empty() && resolved.protocol != Protocol::echo)
    return invalid("provider " + provider.id + " has neither a base_url nor a preset",
                   "set its base_url, such as https://api.example.com/v1");
  // A preset's way to authenticate belongs to its protocol: another protocol starts afresh.
  const bool same_protocol = preset && preset->protocol == resolved.protocol;
  resolved.auth = provider.auth   ? *provider.auth
                  : same_protocol ? preset->auth
                                  : default_auth(resolved.protocol);
  if (same_protocol)
    for (const auto& [name, value] : preset->quirks)
      if (auto set = protocol::set_quirk(resolved.dialect, name, value); !set)
        return quirk_error(provider, set.error());
  for (const auto& [name, value] : provider.quirks)
    if (auto set = protocol::set_quirk(resolved.dialect, name, value); !set)
      return quirk_error(provider, set.error());

  const auto& said = provider.timeouts;
  resolved.connect = said.connect.value_or(resolved.connect);
  resolved.first_byte = said.first_byte.value_or(resolved.first_byte);
  resolved.idle = said.idle.value_or(resolved.idle);
  resolved.total = said.total.value_or(resolved.total);
  return resolved;
}

}  // namespace tpool::catalog
