// Secrets do not belong on a command line: every process can read it and the shell remembers it.
//
// These recognise one so that the parser can refuse it without repeating it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace tpool::cli {

// --key, --api-key, --token and their like: options that would carry a secret.
bool names_a_secret(std::string_view option);

// A word shaped like the keys providers hand out.
bool looks_like_secret(std::string_view word);

Error secret_on_argv();

// Refuses a proxy URL that holds a password.
Result<> check_proxy(const std::optional<std::string>& proxy);

}  // namespace tpool::cli
