// Base64 with padding (RFC 4648, section 4), for credentials in a head. Any thread.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace tpool::net {

inline std::string base64(std::string_view data) {
  std::string text(4 * ((data.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(data.data()),
                                   static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace tpool::net
