#include "core/catalog/presets_table.hpp"

namespace tpool::catalog {
namespace {

using Models = std::vector<std::string_view>;

// One row a line of thought: clang-format would give every member a line of its own.
// clang-format off
const Quirks chat_basics{{"strict_tools", "false"}, {"parallel_tool_calls", "false"}};
const Quirks openai_quirks{{"developer_role", "true"}, {"prompt_cache_key", "true"}, {"verbosity", "true"}, {"tool_images", "true"}, {"responses_namespaces", "true"}};
// Its models of today refuse max_tokens; those before them know both names.
const std::vector<std::pair<Protocol, Quirks>> openai_otherwise{
    {Protocol::chat, {{"developer_role", "true"}, {"prompt_cache_key", "true"}, {"verbosity", "true"}, {"max_tokens_field", "max_completion_tokens"}}}};
// What thinks has a temperature of its own, and refuses to be told another.
const Quirks no_sampling{{"sampling", "false"}};
const std::vector<std::pair<std::string_view, Quirks>> openai_models_apart{
    {"gpt-5*chat*", {}}, {"gpt-5*", no_sampling}, {"gpt-6*", no_sampling}, {"o1*", no_sampling}, {"o3*", no_sampling}, {"o4*", no_sampling}};
const Quirks openai_thinker_quirks{{"max_tokens_field", "max_completion_tokens"}, {"developer_role", "true"}, {"sampling", "false"}};
const Quirks glm_quirks{{"effort", "thinking"}, {"json_schema", "json_object"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}};
const Quirks kimi_quirks{{"effort", "thinking"}, {"prompt_cache_key", "true"}};
const Quirks qwen_quirks{{"effort", "enable_thinking"}, {"json_schema", "json_object"}, {"strict_tools", "false"}};
const Quirks silicon_quirks{{"effort", "enable_thinking"}, {"json_schema", "json_object"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}};

const Quirks minimax_quirks{{"effort", "none"}, {"json_schema", "none"}, {"strict_tools", "false"}};
// Over chat the thinking stands inside the text.
const std::vector<std::pair<Protocol, Quirks>> minimax_otherwise{
    {Protocol::chat, {{"effort", "none"}, {"json_schema", "none"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}, {"think_tags", "true"}}}};

// The first think whatever they are told, and refuse to be told not to.
const std::vector<std::pair<std::string_view, Quirks>> kimi_models_apart{
    {"kimi-k2.7-code*", {{"effort", "none"}, {"sampling", "false"}}}, {"kimi-k2.*", no_sampling}, {"kimi-k3*", no_sampling}};
const std::vector<std::pair<std::string_view, Quirks>> qwen_models_apart{{"deepseek-v4*", {{"effort", "reasoning_effort"}, {"effort_map", "minimal=high, low=high, medium=high, xhigh=max"}}}};

// These think or do not, as they are told.
const Quirks mistral_thinking{{"effort", "reasoning_effort"}, {"effort_map", "minimal=none, low=high, medium=high, xhigh=high, max=high"}};
const std::vector<std::pair<std::string_view, Quirks>> mistral_models_apart{
    {"mistral-large-4*", mistral_thinking}, {"mistral-small-latest", mistral_thinking}, {"mistral-small-26*", mistral_thinking},
    {"mistral-medium-3-5*", mistral_thinking}, {"mistral-medium-3.5*", mistral_thinking}};

// Thinking by a budget of tokens is what the older ones know, and the newer ones refuse; these refuse
// a temperature as well. From the fifth on they think unless told not to, which some of them refuse.
const std::vector<std::pair<std::string_view, Quirks>> claude_models_apart{
    {"claude-3*", {{"effort", "budget"}}}, {"claude-*-4-0*", {{"effort", "budget"}}}, {"claude-*-4-1*", {{"effort", "budget"}}},
    {"claude-*-4-2*", {{"effort", "budget"}}}, {"claude-*-4-5*", {{"effort", "budget"}}},
    {"claude-*-5*", {{"effort", "adaptive"}, {"effort_map", "none=low"}, {"sampling", "false"}}}, {"claude-*", {{"effort", "adaptive"}, {"sampling", "false"}}}};
// Levels of thinking, signatures and pictures inside results came with the third Gemini.
const Quirks gemini_quirks{{"signature_placeholder", "skip_thought_signature_validator"}, {"tool_images", "true"}};
const Quirks gemini_2_quirks{{"effort", "budget"}, {"signature_placeholder", ""}, {"tool_images", "false"}, {"json_with_tools", "false"}};
// The larger one cannot be told not to think.
const Quirks gemini_2_pro_quirks{{"effort", "budget"}, {"effort_map", "none=128"}, {"signature_placeholder", ""}, {"tool_images", "false"}, {"json_with_tools", "false"}};
const std::vector<std::pair<std::string_view, Quirks>> gemini_models_apart{{"gemini-2.5-pro*", gemini_2_pro_quirks}, {"gemini-2*", gemini_2_quirks}};

const Models glm_models{"glm-5.3", "glm-5.2", "glm-5-turbo", "glm-4.7", "glm-4.6", "glm-4.5-air"};
const Models glm_plan_models{"glm-5.2", "glm-5-turbo", "glm-4.7"};
const Models kimi_models{"kimi-k3", "kimi-k2.7-code", "kimi-k2.6", "kimi-k2.5"};
const Models qwen_models{"qwen3.7-max", "qwen3.6-plus", "qwen3-coder-plus"};
const Models minimax_models{"MiniMax-M3", "MiniMax-M2.7", "MiniMax-M2.5"};
const Models silicon_models{"zai-org/GLM-5.2", "deepseek-ai/DeepSeek-V4-Flash"};

const Preset table[] = {
    {"openai", "OpenAI", Protocol::responses, "https://api.openai.com/v1", Auth::bearer, "OPENAI_API_KEY",
     "https://platform.openai.com/api-keys", "", openai_quirks,
     {"gpt-6-astra", "gpt-6-sol", "gpt-6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5", "gpt-5.3-codex", "gpt-5-mini"},
     openai_models_apart, "", "", openai_otherwise},
    {"anthropic", "Anthropic", Protocol::messages, "https://api.anthropic.com/v1", Auth::x_api_key, "ANTHROPIC_API_KEY",
     "https://console.anthropic.com/settings/keys", "API keys only: a subscription's login is not used", {},
     {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"}, claude_models_apart},
    {"google", "Google AI Studio", Protocol::gemini, "https://generativelanguage.googleapis.com/v1beta", Auth::x_goog_api_key, "GEMINI_API_KEY",
     "https://aistudio.google.com/apikey", "function schemas are a subset of JSON Schema: what it cannot say is approximated and counted", gemini_quirks,
     {"gemini-3.1-pro-preview", "gemini-3.8-flash", "gemini-3.5-flash", "gemini-2.5-pro", "gemini-2.5-flash"}, gemini_models_apart},
    // learn.microsoft.com/azure/foundry/openai/api-version-lifecycle: OpenAI's own client with a resource's
    // key and the address below, which is a bearer token; no api-version.
    {"azure", "Azure OpenAI", Protocol::responses, "", Auth::bearer, "AZURE_OPENAI_API_KEY",
     "https://ai.azure.com", "every resource has its own address, and models go by the names of your deployments: give --base-url and --model", openai_quirks, {},
     openai_models_apart, "", "https://RESOURCE.openai.azure.com/openai/v1", openai_otherwise},
    {"openrouter", "OpenRouter", Protocol::chat, "https://openrouter.ai/api/v1", Auth::bearer, "OPENROUTER_API_KEY",
     "https://openrouter.ai/keys", "lists several hundred models: `exclude` or a curated list keeps the picker short", {{"reasoning_field", "reasoning"}, {"effort", "reasoning"}},
     {"anthropic/claude-opus-5", "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "deepseek/deepseek-v4-pro", "moonshotai/kimi-k3", "z-ai/glm-5.2"}},
    {"deepseek", "DeepSeek", Protocol::chat, "https://api.deepseek.com", Auth::bearer, "DEEPSEEK_API_KEY",
     "https://platform.deepseek.com/api_keys", "JSON output without a schema; half the price outside peak hours",
     {{"reasoning_field", "reasoning_content"}, {"json_schema", "json_object"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}},
     {"deepseek-chat", "deepseek-reasoner", "deepseek-v4-pro", "deepseek-flash"}},
    {"moonshot", "Moonshot", Protocol::chat, "https://api.moonshot.ai/v1", Auth::bearer, "MOONSHOT_API_KEY",
     "https://platform.moonshot.ai/console/api-keys", "the international platform; keys of platform.moonshot.cn need moonshot-cn; thinking is on or off, without levels",
     kimi_quirks, kimi_models, kimi_models_apart},
    {"moonshot-cn", "Moonshot (China)", Protocol::chat, "https://api.moonshot.cn/v1", Auth::bearer, "MOONSHOT_API_KEY",
     "https://platform.moonshot.cn/console/api-keys", "the Chinese platform; keys of platform.moonshot.ai need moonshot; thinking is on or off, without levels",
     kimi_quirks, kimi_models, kimi_models_apart},
    {"zhipu", "Zhipu", Protocol::chat, "https://open.bigmodel.cn/api/paas/v4", Auth::bearer, "ZHIPU_API_KEY",
     "https://open.bigmodel.cn/usercenter/apikeys", "the Chinese platform; keys of z.ai need zai; JSON output without a schema", glm_quirks, glm_models},
    {"zhipu-coding", "Zhipu Coding Plan", Protocol::chat, "https://open.bigmodel.cn/api/coding/paas/v4", Auth::bearer, "ZHIPU_API_KEY",
     "https://open.bigmodel.cn/usercenter/apikeys", "the coding plan's own address; pay-as-you-go is zhipu; the plan decides which models answer", glm_quirks, glm_plan_models},
    {"zai", "Z.AI", Protocol::chat, "https://api.z.ai/api/paas/v4", Auth::bearer, "ZAI_API_KEY",
     "https://z.ai/manage-apikey/apikey-list", "the international platform; keys of open.bigmodel.cn need zhipu; JSON output without a schema", glm_quirks, glm_models},
    {"zai-coding", "Z.AI Coding Plan", Protocol::chat, "https://api.z.ai/api/coding/paas/v4", Auth::bearer, "ZAI_API_KEY",
     "https://z.ai/manage-apikey/apikey-list", "the coding plan's own address; pay-as-you-go is zai; the plan decides which models answer", glm_quirks, glm_plan_models},
    {"qwen", "Qwen (DashScope)", Protocol::chat, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", Auth::bearer, "DASHSCOPE_API_KEY",
     "https://modelstudio.console.alibabacloud.com", "the international region; keys of the Beijing region need qwen-cn; thinking is on or off; JSON output without a schema",
     qwen_quirks, qwen_models, qwen_models_apart},
    {"qwen-cn", "Qwen (DashScope, China)", Protocol::chat, "https://dashscope.aliyuncs.com/compatible-mode/v1", Auth::bearer, "DASHSCOPE_API_KEY",
     "https://bailian.console.aliyun.com", "the Beijing region; international keys need qwen; thinking is on or off; JSON output without a schema",
     qwen_quirks, qwen_models, qwen_models_apart},
    {"minimax", "MiniMax", Protocol::messages, "https://api.minimax.io/anthropic/v1", Auth::x_api_key, "MINIMAX_API_KEY",
     "https://platform.minimax.io", "the international platform; keys of minimaxi.com need minimax-cn; its chat address mixes thinking into the text", minimax_quirks, minimax_models,
     {}, "", "", minimax_otherwise},
    {"minimax-cn", "MiniMax (China)", Protocol::messages, "https://api.minimaxi.com/anthropic/v1", Auth::x_api_key, "MINIMAX_API_KEY",
     "https://platform.minimaxi.com", "the Chinese platform; keys of minimax.io need minimax; its chat address mixes thinking into the text", minimax_quirks, minimax_models,
     {}, "", "", minimax_otherwise},
    {"xiaomi", "Xiaomi MiMo", Protocol::chat, "https://api.xiaomimimo.com/v1", Auth::bearer, "MIMO_API_KEY",
     "https://platform.xiaomimimo.com", "thinking is on or off, without levels; JSON output without a schema",
     {{"effort", "thinking"}, {"json_schema", "json_object"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}, {"max_tokens_field", "max_completion_tokens"}},
     {"mimo-v2.6-pro", "mimo-v2.5-pro", "mimo-v2-flash"}},
    // docs.x.ai/developers/grok-4-7 (efforts, prompt_cache_key), /debugging (a wrong key is 400, none is
    // 401), /rate-limits (requests a second and tokens a minute by model; 429, and no header is promised).
    {"xai", "xAI", Protocol::responses, "https://api.x.ai/v1", Auth::bearer, "XAI_API_KEY",
     "https://console.x.ai", "function tools only: Codex's other tools are said as functions; prompts over 200,000 tokens cost twice as much",
     {{"prompt_cache_key", "true"}, {"responses_namespaces", "false"}, {"responses_custom_tools", "false"}, {"responses_hosted_tools", "false"}},
     {"grok-4.7", "grok-4.3", "grok-code-fast-1"}, {{"grok-code-fast-1*", {{"effort", "none"}}}}},
    {"mistral", "Mistral", Protocol::chat, "https://api.mistral.ai/v1", Auth::bearer, "MISTRAL_API_KEY",
     "https://console.mistral.ai/api-keys", "tool-call ids of nine characters; no member it does not know; reasoning is none or high where there is any",
     {{"tool_id_length", "9"}, {"stream_options", "false"}, {"strict_tools", "false"}, {"effort", "none"}, {"replay_reasoning", "never"}},
     {"mistral-large-4", "codestral-latest"}, mistral_models_apart},
    // console.groq.com/docs/reasoning (Qwen thinks in <think>, or in `reasoning` beside tools and JSON),
    // /structured-outputs (schemas for some models alone, gpt-oss among them), /rate-limits (retry-after on
    // 429, x-ratelimit-* always).
    {"groq", "Groq", Protocol::chat, "https://api.groq.com/openai/v1", Auth::bearer, "GROQ_API_KEY",
     "https://console.groq.com/keys", "reasoning comes back but is not taken in again; some models think inside <think>",
     {{"reasoning_field", "reasoning"}, {"replay_reasoning", "never"}, {"strict_tools", "false"}, {"max_tokens_field", "max_completion_tokens"}},
     {"openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.3-70b-versatile", "qwen/qwen3-32b"},
     {{"qwen/*", {{"think_tags", "true"}, {"effort", "none"}, {"json_schema", "json_object"}}}, {"llama-*", {{"effort", "none"}, {"json_schema", "json_object"}}}}},
    {"together", "Together", Protocol::chat, "https://api.together.ai/v1", Auth::bearer, "TOGETHER_API_KEY",
     "https://api.together.ai/settings/api-keys", "its model list is a plain array and also holds image, audio and embedding models",
     {{"reasoning_field", "reasoning"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}}, {"openai/gpt-oss-120b", "openai/gpt-oss-20b"}},
    {"fireworks", "Fireworks", Protocol::chat, "https://api.fireworks.ai/inference/v1", Auth::bearer, "FIREWORKS_API_KEY",
     "https://app.fireworks.ai/settings/users/api-keys", "model ids are long: accounts/fireworks/models/NAME; `map` gives them short names",
     {{"prompt_cache_key", "true"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}}, {"accounts/fireworks/models/gpt-oss-120b", "accounts/fireworks/models/gpt-oss-20b"}},
    // inference-docs.cerebras.ai/capabilities/reasoning (apart, in `reasoning`), /support/rate-limits (what an
    // answer may be at most counts before it is there).
    {"cerebras", "Cerebras", Protocol::chat, "https://api.cerebras.ai/v1", Auth::bearer, "CEREBRAS_API_KEY",
     "https://cloud.cerebras.ai", "reasoning comes back but is not taken in again",
     {{"reasoning_field", "reasoning"}, {"replay_reasoning", "never"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}, {"max_tokens_field", "max_completion_tokens"}},
     {"gpt-oss-120b"}},
    {"nvidia", "NVIDIA NIM", Protocol::chat, "https://integrate.api.nvidia.com/v1", Auth::bearer, "NVIDIA_API_KEY",
     "https://build.nvidia.com", "each model has a closed schema of its own, so only the common members are sent",
     {{"effort", "none"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}, {"replay_reasoning", "never"}}, {"openai/gpt-oss-120b", "openai/gpt-oss-20b"},
     {{"openai/gpt-oss-*", {{"effort", "reasoning_effort"}}}}},
    {"siliconflow", "SiliconFlow", Protocol::chat, "https://api.siliconflow.com/v1", Auth::bearer, "SILICONFLOW_API_KEY",
     "https://cloud.siliconflow.com/account/ak", "the international platform; keys of siliconflow.cn need siliconflow-cn; thinking is on or off", silicon_quirks, silicon_models},
    {"siliconflow-cn", "SiliconFlow (China)", Protocol::chat, "https://api.siliconflow.cn/v1", Auth::bearer, "SILICONFLOW_API_KEY",
     "https://cloud.siliconflow.cn/account/ak", "the Chinese platform; keys of siliconflow.com need siliconflow; thinking is on or off", silicon_quirks, silicon_models},
    {"volcengine", "Volcengine Ark", Protocol::chat, "https://ark.cn-beijing.volces.com/api/v3", Auth::bearer, "ARK_API_KEY",
     "https://console.volcengine.com/ark", "models may also be called by the id of an endpoint (ep-...): name those with --model; thinking is on or off",
     {{"effort", "thinking"}, {"strict_tools", "false"}, {"parallel_tool_calls", "false"}}, {"doubao-seed-2-0-code-preview-260215", "doubao-seed-1-8-251228"}},
    {"github-models", "GitHub Models", Protocol::chat, "https://models.github.ai/inference", Auth::bearer, "GITHUB_TOKEN",
     "https://github.com/settings/personal-access-tokens", "a token with models:read; small daily limits and short prompts on the free tier; its list lies beside the API",
     chat_basics, {"openai/gpt-5", "openai/gpt-5-mini", "openai/gpt-4.1", "openai/gpt-4o"},
     {{"openai/gpt-5*", openai_thinker_quirks}, {"openai/o*", openai_thinker_quirks}},
     "/catalog/models"},
    {"ollama", "Ollama", Protocol::chat, "http://127.0.0.1:11434/v1", Auth::none, "", "",
     "the context window is what Ollama was started with; say it with tpool model edit", {{"reasoning_field", "reasoning"}, {"strict_tools", "false"}}, {}},
    {"lmstudio", "LM Studio", Protocol::chat, "http://127.0.0.1:1234/v1", Auth::none, "", "",
     "the context window is what the model was loaded with; say it with tpool model edit", {{"reasoning_field", "reasoning_content"}, {"strict_tools", "false"}}, {}},
    {"vllm", "vLLM", Protocol::chat, "http://127.0.0.1:8000/v1", Auth::none, "", "",
     "start it with --enable-auto-tool-choice and the model's tool parser for tool calls", {{"reasoning_field", "reasoning_content"}}, {}},
    {"llamacpp", "llama.cpp", Protocol::chat, "http://127.0.0.1:8080/v1", Auth::none, "", "",
     "start llama-server with --jinja for tool calls; the context window is its -c", {{"reasoning_field", "reasoning_content"}, {"strict_tools", "false"}, {"effort", "none"}}, {}},
    {"sglang", "SGLang", Protocol::chat, "http://127.0.0.1:30000/v1", Auth::none, "", "",
     "start it with --tool-call-parser and --reasoning-parser of the model", {{"reasoning_field", "reasoning_content"}, {"strict_tools", "false"}}, {}},
    {"echo", "Echo", Protocol::echo, "", Auth::none, "", "", "built in and offline; deterministic answers for trying things out", {}, {"echo-1", "echo-reasoner"}},
};
// clang-format on

}  // namespace

std::span<const Preset> preset_table() { return table; }

}  // namespace tpool::catalog
