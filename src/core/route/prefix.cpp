#include "core/route/prefix.hpp"

#include <algorithm>
#include <bit>

namespace tpool::route {
namespace {

// Live entries the hand passes before it takes one all the same.
constexpr int mercies = 16;
// Of a long prompt only the newest boundaries are looked at; older ones belong to turns long gone.
constexpr std::size_t most_looked = 256;

}  // namespace

std::uint32_t& PrefixIndex::head(std::uint64_t fingerprint) {
  return heads_[fingerprint & (heads_.size() - 1)];
}

void PrefixIndex::look(std::span<const Boundary> prompt, std::span<Holder> holders,
                       double now) const {
  for (auto& holder : holders) holder.tokens = 0;
  if (heads_.empty()) return;
  std::size_t cold = holders.size();
  std::size_t looked = 0;
  for (std::size_t i = prompt.size(); i-- > 0 && cold > 0;) {
    // The shortest ones are shared between sessions: those are worth a look in any case.
    if (++looked > most_looked && i > 4) i = 4;
    const auto& boundary = prompt[i];
    for (auto at = heads_[boundary.fingerprint & (heads_.size() - 1)]; at != 0;
         at = nodes_[at - 1].next) {
      const auto& node = nodes_[at - 1];
      if (node.fingerprint != boundary.fingerprint || node.expires <= now) continue;
      for (auto& holder : holders) {
        if (holder.credential != node.credential || holder.tokens > 0) continue;
        holder.tokens = boundary.tokens;
        --cold;
      }
    }
  }
}

PrefixIndex::Node* PrefixIndex::find(std::uint64_t fingerprint, std::uint64_t credential) {
  if (heads_.empty()) return nullptr;
  for (auto at = head(fingerprint); at != 0; at = nodes_[at - 1].next) {
    auto& node = nodes_[at - 1];
    if (node.fingerprint == fingerprint && node.credential == credential) return &node;
  }
  return nullptr;
}

void PrefixIndex::note(std::span<const Boundary> prompt, std::uint64_t credential, double life,
                       double least, double now) {
  // What was read again lives on; of what is new, the end, where the next call of the session will
  // look, and a few on the way, where another may branch off.
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    const bool kept = i + 1 == prompt.size() || std::has_single_bit(i + 1);
    if (auto* node = find(prompt[i].fingerprint, credential))
      node->expires = std::max(node->expires, now + life);
    else if (kept && prompt[i].tokens >= least)
      put(prompt[i].fingerprint, credential, now + life, now);
  }
}

void PrefixIndex::put(std::uint64_t fingerprint, std::uint64_t credential, double expires,
                      double now) {
  std::uint32_t index = 0;
  if (nodes_.size() < most_) {
    if (nodes_.size() >= heads_.size()) grow();
    index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    const auto size = static_cast<std::uint32_t>(nodes_.size());
    for (int mercy = 0; mercy < mercies && nodes_[hand_].expires > now; ++mercy)
      hand_ = (hand_ + 1) % size;
    index = hand_;
    hand_ = (hand_ + 1) % size;
    unlink(index);
  }
  auto& first = head(fingerprint);
  nodes_[index] = {fingerprint, credential, expires, first};
  first = index + 1;
}

void PrefixIndex::grow() {
  heads_.assign(std::max<std::size_t>(64, heads_.size() * 2), 0);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    auto& first = head(nodes_[i].fingerprint);
    nodes_[i].next = first;
    first = i + 1;
  }
}

void PrefixIndex::unlink(std::uint32_t index) {
  auto* link = &head(nodes_[index].fingerprint);
  while (*link != 0 && *link != index + 1) link = &nodes_[*link - 1].next;
  if (*link != 0) *link = nodes_[index].next;
}

}  // namespace tpool::route
