// The small words every room shares: protocols, ways to authenticate, time.
//
// Each enum prints as it is spelled in the store; parse_* is its inverse and answers nullopt for
// anything else. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tpool {

// The dialect a client or a provider speaks.
enum class Protocol { responses, chat, messages, gemini, echo };

std::string_view to_string(Protocol protocol);
std::optional<Protocol> parse_protocol(std::string_view text);

// How a key travels to its provider.
enum class Auth { bearer, x_api_key, x_goog_api_key, none };

std::string_view to_string(Auth auth);
std::optional<Auth> parse_auth(std::string_view text);

// The way bytes travel in an attempt.
enum class Lane { relay, translate };

std::string_view to_string(Lane lane);

using Milliseconds = std::chrono::milliseconds;
// Wall clock: what is stored and shown.
using TimePoint = std::chrono::system_clock::time_point;
// Monotonic clock: limits and measured durations.
using Instant = std::chrono::steady_clock::time_point;

}  // namespace tpool
