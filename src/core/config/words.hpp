// The closed sets of words the store knows, for reading, checking and completing. Any thread.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tpool::config::words {

using Set = std::span<const std::string_view>;

inline constexpr std::array<std::string_view, 5> protocols{"responses", "chat", "messages",
                                                           "gemini", "echo"};
inline constexpr std::array<std::string_view, 4> auths{"bearer", "x-api-key", "x-goog-api-key",
                                                       "none"};
inline constexpr std::array<std::string_view, 5> strategies{
    "priced-affinity", "priority", "round-robin", "least-latency", "weighted"};
inline constexpr std::array<std::string_view, 3> profiles{"balanced", "fast", "cheap"};
inline constexpr std::array<std::string_view, 2> on_unknown_model{"error", "default"};
inline constexpr std::array<std::string_view, 2> catalogs{"live", "file"};
inline constexpr std::array<std::string_view, 2> failovers{"keys", "same-model"};
inline constexpr std::array<std::string_view, 4> budget_scopes{"total", "provider", "model",
                                                               "client"};
inline constexpr std::array<std::string_view, 2> on_exceed{"block", "cheapest"};
inline constexpr std::array<std::string_view, 2> client_scopes{"generate", "admin"};
inline constexpr std::array<std::string_view, 4> classes{"interactive", "subagent", "background",
                                                         "probe"};
inline constexpr std::array<std::string_view, 3> client_protocols{"responses", "chat", "messages"};
inline constexpr std::array<std::string_view, 5> modalities{"text", "image", "audio", "video",
                                                            "pdf"};

inline bool holds(Set set, std::string_view word) {
  return std::find(set.begin(), set.end(), word) != set.end();
}

// "one of live, file"
inline std::string list(Set set) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i > 0) text += ", ";
    text += set[i];
  }
  return text;
}

}  // namespace tpool::config::words
