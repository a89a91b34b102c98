// A secret value that never prints, and where it comes from.
//
// resolve() reads the environment, a file or the output of a command (argv, no shell, 10 s limit);
// it blocks, so the proxy calls it through net/offload. Errors name the source, never the value.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  // For the one place that writes it into a request head.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// Leading and trailing white space is not part of a secret. An empty secret, one with control
// characters, a missing variable, an unreadable file and a failing command are `unavailable`.
Result<Secret> resolve(const SecretRef& ref);

// "env DEEPSEEK_API_KEY", "file ~/.keys/x", "command pass show x", "value ****": safe to show.
std::string describe(const SecretRef& ref);

// Whether what goes by this name (a header, a member of a client's file) is likely a secret, and so
// nothing to show: "Authorization", "X-Api-Key", "bearer_token".
bool names_secret(std::string_view name);

}  // namespace tpool::config
