// Every codec there is: what clients speak, and what providers do.
#pragma once

#include <vector>

#include "core/protocol/registry.hpp"

namespace tpool::fuzz {

inline constexpr auto spoken = {Protocol::responses, Protocol::chat, Protocol::messages,
                                Protocol::gemini};

inline std::vector<const protocol::Codec*> clients() {
  std::vector<const protocol::Codec*> all;
  for (const auto one : spoken)
    if (const auto* codec = protocol::codec(one)) all.push_back(codec);
  return all;
}

inline std::vector<const protocol::ProviderCodec*> providers() {
  std::vector<const protocol::ProviderCodec*> all;
  for (const auto one : spoken)
    if (const auto* codec = protocol::provider_codec(one)) all.push_back(codec);
  return all;
}

inline protocol::ReplyContext context() {
  protocol::ReplyContext context;
  context.model = "fuzz/model";
  context.answer_id = "req_fuzz";
  context.created_at = 1'760'000'000;
  context.provider = "fuzz";
  context.upstream_model = "model";
  return context;
}

}  // namespace tpool::fuzz
