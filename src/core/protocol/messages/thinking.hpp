// Thinking blocks: sealed whole for clients of other protocols, and asked for in the way one
// provider wants to be asked.
//
// A signature is only good with the very words it signs, so both are kept together: opaque data of
// this protocol is the JSON object {"thinking":...,"signature":...} or {"redacted":...}. Any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ir/request.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

inline constexpr std::string_view sealed_kind = "messages_thinking";

struct Thought {
  std::string thinking;
  std::string signature;  // empty with redacted
  std::string redacted;
};

std::string seal_thought(const Thought& thought);
// Nullopt when this is no thought of this protocol, or one without a signature.
std::optional<Thought> open_thought(const std::string& data);

// The effort a budget stands for, and back.
std::string effort_of_budget(std::int64_t tokens);
std::int64_t budget_of_effort(std::string_view effort);

// How thinking is asked for in one request.
struct ThinkingPlan {
  enum class Kind { unsaid, adaptive, enabled, disabled };
  Kind kind = Kind::unsaid;
  std::int64_t budget = 0;  // with enabled
  std::string effort = {};  // for output_config, may be empty

  bool on() const { return kind == Kind::adaptive || kind == Kind::enabled; }
};

// `can_start`: the turn in progress allows it (see turns.hpp). Losses are counted.
ThinkingPlan plan_thinking(const ir::Request& request, const Target& target,
                           std::int64_t max_tokens, bool can_start, std::vector<ir::Loss>& losses);

}  // namespace tpool::protocol::messages
