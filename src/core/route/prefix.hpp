// Which prompts a provider has read lately: a private predictor of its prompt cache.
//
// A prompt is a chain of boundaries, shortest first; each fingerprint covers everything before it,
// the model, tools and tool_choice included. A credential is warm to the longest boundary it was
// sent within the cache's life. Never reported as usage. Bounded: the oldest make room. One thread
// at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/route/envelope.hpp"

namespace tpool::route {

class PrefixIndex {
 public:
  explicit PrefixIndex(std::size_t most = 16384) : most_(most) {}

  struct Holder {
    std::uint64_t credential = 0;  // whose cache
    double tokens = 0;             // found: how much of the prompt it holds
  };
  // Fills in `tokens` of each holder.
  void look(std::span<const Boundary> prompt, std::span<Holder> holders, double now) const;

  // The prompt was read with this credential; its cache lives for `life` seconds from now on and
  // holds nothing of less than `least` tokens.
  void note(std::span<const Boundary> prompt, std::uint64_t credential, double life, double least,
            double now);
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    std::uint64_t fingerprint = 0;
    std::uint64_t credential = 0;
    double expires = 0;
    std::uint32_t next = 0;  // in its chain, 1 + index
  };
  std::uint32_t& head(std::uint64_t fingerprint);
  Node* find(std::uint64_t fingerprint, std::uint64_t credential);
  void put(std::uint64_t fingerprint, std::uint64_t credential, double expires, double now);
  void grow();
  void unlink(std::uint32_t index);

  std::size_t most_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> heads_;  // 1 + index of the first node; a power of two of them
  std::uint32_t hand_ = 0;            // where the next victim is looked for
};

}  // namespace tpool::route
