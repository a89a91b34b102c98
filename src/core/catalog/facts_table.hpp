// The bundled facts of well-known models, as data. Read by catalog/facts alone.
//
// Limits and abilities are those the developer publishes for the model. Prices are list prices in
// USD per million tokens (the highest where they change with the hour; the tier for short prompts)
// and hold only at the seller named, a preset id: another provider of the same model has its own
// prices, which stay unknown. A negative number is unknown. Ids are lowercase: spellings differ.
#pragma once

#include <cstdint>
#include <string_view>

namespace tpool::catalog {

enum class Known : std::uint8_t { unknown, no, yes };

struct BundledPrice {
  double input = -1;
  double output = -1;
  double cache_read = -1;
  double cache_write = -1;
};

struct BundledFacts {
  std::string_view id;
  std::string_view name;
  std::string_view developer;
  std::int64_t context = -1;
  std::int64_t output = -1;
  std::string_view input;  // modalities, separated by spaces
  Known tool_call = Known::unknown;
  Known reasoning = Known::unknown;
  std::string_view efforts;  // separated by spaces
  std::string_view default_effort;
  std::string_view seller;
  BundledPrice price;
};

// The oldest of them: newer rows were read up to 2026-10-06.
inline constexpr std::string_view bundled_price_date = "2026-09-20";

inline constexpr auto yes = Known::yes;
inline constexpr auto no = Known::no;

// clang-format off
inline constexpr BundledFacts bundled_facts[] = {
    // OpenAI
    {"gpt-6-astra", "GPT-6 Astra", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "medium", "openai", {10, 50, 1, 12.5}},
    {"gpt-6-sol", "GPT-6 Sol", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "medium", "", {}},
    {"gpt-6-luna", "GPT-6 Luna", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "medium", "", {}},
    {"gpt-5.6-sol", "GPT-5.6 Sol", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "none low medium high xhigh max", "medium", "openai", {2, 10, 0.2, 2.5}},
    {"gpt-5.6-terra", "GPT-5.6 Terra", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "none low medium high xhigh max", "medium", "openai", {2.5, 15, 0.25}},
    {"gpt-5.6-luna", "GPT-5.6 Luna", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "none low medium high xhigh max", "medium", "openai", {1, 6, 0.1}},
    {"gpt-5.5", "GPT-5.5", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "none low medium high xhigh", "medium", "openai", {5, 30, 0.5}},
    {"gpt-5.4", "GPT-5.4", "openai", 1'050'000, 128'000, "text image pdf", yes, yes, "none low medium high xhigh", "medium", "openai", {2.5, 15, 0.25}},
    {"gpt-5.3-codex", "GPT-5.3 Codex", "openai", 400'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh", "medium", "openai", {1.75, 14, 0.175}},
    {"gpt-5.2", "GPT-5.2", "openai", 400'000, 128'000, "text image", yes, yes, "none low medium high xhigh", "medium", "openai", {1.75, 14, 0.175}},
    {"gpt-5.1", "GPT-5.1", "openai", 400'000, 128'000, "text image", yes, yes, "none low medium high", "medium", "openai", {1.25, 10, 0.125}},
    {"gpt-5", "GPT-5", "openai", 400'000, 128'000, "text image", yes, yes, "minimal low medium high", "medium", "openai", {1.25, 10, 0.125}},
    {"gpt-5-mini", "GPT-5 mini", "openai", 400'000, 128'000, "text image", yes, yes, "minimal low medium high", "medium", "openai", {0.25, 2, 0.025}},
    {"gpt-5-nano", "GPT-5 nano", "openai", 400'000, 128'000, "text image", yes, yes, "minimal low medium high", "medium", "openai", {0.05, 0.4, 0.005}},
    {"gpt-4.1", "GPT-4.1", "openai", 1'047'576, 32'768, "text image", yes, no, "", "", "openai", {2, 8, 0.5}},
    {"gpt-4.1-mini", "GPT-4.1 mini", "openai", 1'047'576, 32'768, "text image", yes, no, "", "", "openai", {0.4, 1.6, 0.1}},
    {"gpt-4o", "GPT-4o", "openai", 128'000, 16'384, "text image", yes, no, "", "", "openai", {2.5, 10, 1.25}},
    {"gpt-4o-mini", "GPT-4o mini", "openai", 128'000, 16'384, "text image", yes, no, "", "", "openai", {0.15, 0.6, 0.075}},
    {"o3", "o3", "openai", 200'000, 100'000, "text image", yes, yes, "low medium high", "medium", "openai", {2, 8, 0.5}},
    {"o4-mini", "o4-mini", "openai", 200'000, 100'000, "text image", yes, yes, "low medium high", "medium", "openai", {1.1, 4.4, 0.275}},
    {"gpt-oss-120b", "GPT-OSS 120B", "openai", 131'072, 32'768, "text", yes, yes, "low medium high", "medium", "groq", {0.15, 0.6}},
    {"gpt-oss-20b", "GPT-OSS 20B", "openai", 131'072, 32'768, "text", yes, yes, "low medium high", "medium", "groq", {0.075, 0.3}},

    // DeepSeek
    {"deepseek-chat", "DeepSeek Chat", "deepseek", 1'000'000, 8'192, "text", yes, no, "", "", "deepseek", {0.28, 0.42, 0.028}},
    {"deepseek-reasoner", "DeepSeek Reasoner", "deepseek", 1'000'000, 128'000, "text", yes, yes, "", "", "deepseek", {0.28, 0.42, 0.028}},
    {"deepseek-v4-pro", "DeepSeek V4 Pro", "deepseek", 1'000'000, 384'000, "text", yes, yes, "high max", "high", "deepseek", {1.32, 3.96, 0.044}},
    {"deepseek-v4-flash", "DeepSeek V4 Flash", "deepseek", 1'000'000, 384'000, "text", yes, yes, "low high max", "high", "deepseek", {0.3, 1.2, 0.006}},
    {"deepseek-flash", "DeepSeek V4.1 Flash", "deepseek", 1'000'000, 384'000, "text image", yes, yes, "low high max", "high", "deepseek", {0.3, 1.2, 0.006}},

    // Moonshot
    {"kimi-k3", "Kimi K3", "moonshotai", 1'048'576, 262'144, "text image", yes, yes, "", "", "moonshot", {3, 15, 0.3}},
    {"kimi-k2.7-code", "Kimi K2.7 Code", "moonshotai", 262'144, 262'144, "text image", yes, yes, "", "", "", {}},
    {"kimi-k2.6", "Kimi K2.6", "moonshotai", 262'144, 262'144, "text image", yes, yes, "", "", "moonshot", {0.95, 4, 0.16}},
    {"kimi-k2.5", "Kimi K2.5", "moonshotai", 262'144, 262'144, "text image", yes, yes, "", "", "moonshot", {0.6, 3, 0.1}},
    {"kimi-k2-thinking", "Kimi K2 Thinking", "moonshotai", 262'144, 262'144, "text", yes, yes, "", "", "moonshot", {0.6, 2.5, 0.15}},
    {"kimi-k2-0905-preview", "Kimi K2 0905", "moonshotai", 262'144, 262'144, "text", yes, no, "", "", "moonshot", {0.6, 2.5, 0.15}},

    // Zhipu and Z.AI
    {"glm-5.3", "GLM-5.3", "zai", 1'000'000, 131'072, "text", yes, yes, "", "", "", {}},
    {"glm-5.2", "GLM-5.2", "zai", 1'000'000, 131'072, "text", yes, yes, "", "", "", {}},
    {"glm-5.1", "GLM-5.1", "zai", 200'000, 131'072, "text", yes, yes, "", "", "", {}},
    {"glm-5", "GLM-5", "zai", 204'800, 131'072, "text", yes, yes, "", "", "", {}},
    {"glm-5-turbo", "GLM-5 Turbo", "zai", 200'000, 131'072, "text", yes, yes, "", "", "zai", {1.2, 4, 0.24, 0}},
    {"glm-4.7", "GLM-4.7", "zai", 204'800, 131'072, "text", yes, yes, "", "", "zai", {0.6, 2.2, 0.11, 0}},
    {"glm-4.6", "GLM-4.6", "zai", 204'800, 131'072, "text", yes, yes, "", "", "zai", {0.6, 2.2, 0.11, 0}},
    {"glm-4.6v", "GLM-4.6V", "zai", 128'000, 32'768, "text image", yes, yes, "", "", "zai", {0.3, 0.9}},
    {"glm-4.5", "GLM-4.5", "zai", 131'072, 98'304, "text", yes, yes, "", "", "zai", {0.6, 2.2, 0.11, 0}},
    {"glm-4.5-air", "GLM-4.5 Air", "zai", 131'072, 98'304, "text", yes, yes, "", "", "zai", {0.2, 1.1, 0.03, 0}},

    // Anthropic
    {"claude-fable-5-1", "Claude Fable 5.1", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "anthropic", {10, 50}},
    {"claude-opus-5-5", "Claude Opus 5.5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "medium", "anthropic", {4, 20, 0.2, 5}},
    {"claude-sonnet-5-5", "Claude Sonnet 5.5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "anthropic", {2, 10, 0.1, 2.5}},
    {"claude-haiku-5-5", "Claude Haiku 5.5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "", "", "", {}},
    {"claude-opus-4-8", "Claude Opus 4.8", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "anthropic", {5, 25}},
    {"claude-opus-4-7", "Claude Opus 4.7", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "anthropic", {5, 25}},
    {"claude-opus-4-6", "Claude Opus 4.6", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high max", "high", "anthropic", {5, 25}},
    {"claude-sonnet-4-6", "Claude Sonnet 4.6", "anthropic", 1'000'000, 64'000, "text image pdf", yes, yes, "low medium high max", "high", "anthropic", {3, 15}},
    {"claude-opus-4-5", "Claude Opus 4.5", "anthropic", 200'000, 64'000, "text image pdf", yes, yes, "", "", "", {}},
    {"claude-haiku-4-5", "Claude Haiku 4.5", "anthropic", 200'000, 64'000, "text image pdf", yes, yes, "", "", "anthropic", {1, 5, 0.1, 1.25}},
    {"claude-sonnet-4-5", "Claude Sonnet 4.5", "anthropic", 200'000, 64'000, "text image pdf", yes, yes, "", "", "anthropic", {3, 15, 0.3, 3.75}},
    // as OpenRouter spells and sells them
    {"claude-opus-5.5", "Claude Opus 5.5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "medium", "", {}},
    {"claude-sonnet-5.5", "Claude Sonnet 5.5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "", {}},
    {"claude-opus-5", "Claude Opus 5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "anthropic", {5, 25, 0.5, 6.25}},
    {"claude-sonnet-5", "Claude Sonnet 5", "anthropic", 1'000'000, 128'000, "text image pdf", yes, yes, "low medium high xhigh max", "high", "openrouter", {2, 10, 0.2, 2.5}},
    {"claude-sonnet-4.5", "Claude Sonnet 4.5", "anthropic", 1'000'000, 64'000, "text image pdf", yes, yes, "", "", "openrouter", {3, 15, 0.3, 3.75}},
    {"claude-haiku-4.5", "Claude Haiku 4.5", "anthropic", 200'000, 64'000, "text image pdf", yes, yes, "", "", "", {}},

    // Google; prompts up to 200,000 tokens where the price has steps
    {"gemini-3.8-flash", "Gemini 3.8 Flash", "google", 1'048'576, 65'536, "text image video audio pdf", yes, yes, "low medium high", "medium", "google", {0.75, 3.75, 0.075}},
    {"gemini-3.5-flash", "Gemini 3.5 Flash", "google", 1'048'576, 65'536, "text image video audio pdf", yes, yes, "low medium high", "medium", "google", {1.5, 9, 0.15}},
    {"gemini-3.1-pro", "Gemini 3.1 Pro", "google", 1'048'576, 65'536, "text image video audio pdf", yes, yes, "low medium high", "high", "google", {2, 12, 0.2}},
    {"gemini-2.5-pro", "Gemini 2.5 Pro", "google", 1'048'576, 65'536, "text image video audio pdf", yes, yes, "low medium high", "medium", "google", {1.25, 10, 0.125}},
    {"gemini-2.5-flash", "Gemini 2.5 Flash", "google", 1'048'576, 65'536, "text image video audio pdf", yes, yes, "low medium high", "medium", "google", {0.3, 2.5, 0.03}},

    // xAI; prompts up to 200,000 tokens. docs.x.ai/developers/grok-4-7: no limit of its own on output
    {"grok-4.7", "Grok 4.7", "xai", 500'000, -1, "text image", yes, yes, "low medium high xhigh", "high", "xai", {2, 6, 0.5}},
    {"grok-4.3", "Grok 4.3", "xai", 1'000'000, -1, "text image", yes, yes, "none low medium high xhigh", "low", "xai", {1.25, 2.5, 0.2}},
    {"grok-code-fast-1", "Grok Code Fast 1", "xai", 256'000, 10'000, "text", yes, yes, "", "", "", {}},

    // Mistral
    {"mistral-large-4", "Mistral Large 4", "mistral", 1'048'576, -1, "text image", yes, yes, "none high", "high", "mistral", {1.36, 4.18, 0.14}},
    {"codestral", "Codestral", "mistral", 256'000, -1, "text", yes, no, "", "", "mistral", {0.3, 0.9}},
    {"devstral-2512", "Devstral 2", "mistral", 262'144, 262'144, "text", yes, no, "", "", "mistral", {0.4, 2}},

    // Qwen
    {"qwen3.7-max", "Qwen3.7 Max", "alibaba", 1'000'000, 131'072, "text", yes, yes, "", "", "", {}},
    {"qwen3.6-plus", "Qwen3.6 Plus", "alibaba", 1'000'000, 65'536, "text image video", yes, yes, "", "", "", {}},
    {"qwen3-coder-plus", "Qwen3 Coder Plus", "alibaba", 1'000'000, 65'536, "text", yes, no, "", "", "", {}},
    {"qwen3-32b", "Qwen3 32B", "alibaba", 131'072, -1, "text", yes, yes, "", "", "", {}},

    // MiniMax
    {"minimax-m3", "MiniMax-M3", "minimax", 512'000, 128'000, "text image video", yes, yes, "", "", "", {}},
    {"minimax-m2.7", "MiniMax-M2.7", "minimax", 204'800, -1, "text", yes, yes, "", "", "", {}},
    {"minimax-m2.5", "MiniMax-M2.5", "minimax", 204'800, -1, "text", yes, yes, "", "", "", {}},

    // Xiaomi
    {"mimo-v2.6-pro", "MiMo-V2.6-Pro", "xiaomi", 1'048'576, 131'072, "text image audio video", yes, yes, "", "", "xiaomi", {0.435, 0.87, 0.0036}},
    {"mimo-v2.5-pro", "MiMo-V2.5-Pro", "xiaomi", 1'048'576, 131'072, "text", yes, yes, "", "", "", {}},
    {"mimo-v2-flash", "MiMo-V2-Flash", "xiaomi", 262'144, 65'536, "text", yes, yes, "", "", "", {}},

    // ByteDance, at Volcengine; its prices are in yuan
    {"doubao-seed-2-0-code", "Doubao Seed 2.0 Code", "bytedance", 262'144, -1, "text image", yes, yes, "", "", "", {}},
    {"doubao-seed-1-8", "Doubao Seed 1.8", "bytedance", 262'144, -1, "text image", yes, yes, "", "", "", {}},

    // Meta
    {"llama-3.3-70b-versatile", "Llama 3.3 70B", "meta", 131'072, 32'768, "text", yes, no, "", "", "groq", {0.59, 0.79}},

    // The built-in offline provider
    {"echo-1", "Echo 1", "tpool", 131'072, 32'768, "text image", yes, no, "", "", "echo", {0, 0, 0, 0}},
    {"echo-reasoner", "Echo Reasoner", "tpool", 131'072, 32'768, "text image", yes, yes, "low medium high", "medium", "echo", {0, 0, 0, 0}},
};
// clang-format on

}  // namespace tpool::catalog
