#include "core/protocol/call_ids.hpp"

#include <algorithm>

namespace tpool::protocol {

std::string CallIds::take(std::string_view id) {
  if (!id.empty()) {
    if (const auto [own, fresh] = taken_.emplace(id); fresh) return *own;
  }
  std::string base(id);
  if (base.empty()) {
    constexpr std::size_t room = 24;
    base = "call_";
    for (const char c : answer_id_.substr(answer_id_.size() - std::min(answer_id_.size(), room))) {
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      base += plain ? c : '_';
    }
  }
  for (std::size_t n = taken_.size();; ++n) {
    const auto [made, fresh] = taken_.insert(base + "_" + std::to_string(n));
    if (fresh) return *made;
  }
}

}  // namespace tpool::protocol
