// SHA-256 and random tokens, through OpenSSL. The one place in core that draws randomness. Any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool {

std::string sha256_hex(std::string_view data);  // 64 lowercase hex digits

std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 bytes

// "tpool_" and 256 random bits in base64url.
std::string new_token();

// Compares in time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

std::string base64url(std::string_view data);
std::string from_base64url(std::string_view text);  // empty when malformed

}  // namespace tpool
