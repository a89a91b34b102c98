// The diff of two store texts that may be shown: secrets in it are ****.
//
// Masks key values, headers that carry credentials, and credentials inside proxy URLs. A secret
// that is new in the second text reads "**** (new)", so that its change still shows. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/config/config.hpp"

namespace tpool::config {

struct ConfigText {
  std::string_view text;
  const Config& config;  // what the text says
};

std::string masked_diff(const ConfigText& before, const ConfigText& after, std::string_view name);

}  // namespace tpool::config
