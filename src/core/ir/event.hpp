// One step of a model's answer in our own form.
//
// Grammar of a stream: Started? (BlockStart (Delta | SummaryDelta | Sealed)* BlockEnd)*
// (Finished | Failed). Blocks may interleave (parallel tool calls); `index` tells them apart and
// is unique in a stream. Exactly one Finished or Failed ends it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"

namespace tpool::ir {

// Tokens as the provider reported them; nothing here is an estimate.
struct Usage {
  std::int64_t input = 0;  // fresh: neither read from a cache nor written to one
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;     // all of it, reasoning included
  std::int64_t reasoning = 0;  // the part of output spent on reasoning

  std::int64_t total_input() const { return input + cache_read + cache_write; }
  bool operator==(const Usage&) const = default;
};

struct Started {
  std::string id;
  std::string model;
  bool operator==(const Started&) const = default;
};

enum class BlockKind { text, refusal, reasoning, tool_call };

struct BlockStart {
  int index = 0;
  BlockKind kind = BlockKind::text;
  std::string id = {};  // the item's id, may be empty
  // For tool_call:
  ToolKind tool = ToolKind::function;
  std::string call_id = {};
  std::string name = {};
  std::string space = {};
  std::string phase = {};  // for text
  bool operator==(const BlockStart&) const = default;
};

// Text of a text, refusal or raw reasoning block; a piece of a tool call's input.
struct Delta {
  int index = 0;
  std::string text;
  bool operator==(const Delta&) const = default;
};

// A piece of reasoning the user may see. Parts count from 0 within the block.
struct SummaryDelta {
  int index = 0;
  int part = 0;
  std::string text;
  bool operator==(const SummaryDelta&) const = default;
};

struct Sealed {
  int index = 0;
  Opaque opaque;
  bool operator==(const Sealed&) const = default;
};

struct BlockEnd {
  int index = 0;
  bool operator==(const BlockEnd&) const = default;
};

// pause: the provider stopped a long turn of its own tools; sent back as it is, it goes on.
enum class Finish { stop, tool_calls, length, content_filter, pause, other };

struct Finished {
  Finish reason = Finish::stop;
  std::optional<Usage> usage = {};
  std::vector<Loss> losses = {};   // what of the provider's answer has no event
  std::string stop_sequence = {};  // which one ended the answer, if one did
  bool operator==(const Finished&) const = default;
};

// What a provider or the way to it did wrong, in words every protocol can say.
struct Failure {
  enum class Kind {
    unreachable,      // never connected: DNS, connect, TLS
    no_answer,        // sent, and then nothing or a closed connection
    cut,              // the answer stopped in the middle
    silent,           // a limit ran out
    garbage,          // not the protocol it should be
    overloaded,       // 408, 5xx, 529
    rate_limited,     // 429
    quota,            // 402, insufficient quota, monthly cap
    auth,             // 401, a key that is not accepted
    forbidden,        // 403 of the provider's edge: region, gateway page
    invalid_request,  // 400 about the request itself
    unsupported,      // 400 about one provider's dialect
    context_length,   // the prompt does not fit
    not_found,        // the model is not there
    refused,          // policy
    hold,             // abuse or risk hold on the account
    too_large,        // 413
    cancelled,        // the client left
    internal,         // ours
  };
  Kind kind = Kind::internal;
  int status = 0;            // HTTP status, 0 when there was none
  std::string message = {};  // the provider's words; never a key
  std::string code = {};     // the provider's code
  std::string param = {};
  std::optional<Milliseconds> retry_after = {};  // the provider's own hint
  std::optional<TimePoint> retry_at = {};        // the same as a moment, where that was said
  bool local = false;  // unreachable by a fault of this machine's own network
  bool operator==(const Failure&) const = default;
};

std::string_view to_string(Failure::Kind kind);

struct Failed {
  Failure failure;
  bool operator==(const Failed&) const = default;
};

using Event =
    std::variant<Started, BlockStart, Delta, SummaryDelta, Sealed, BlockEnd, Finished, Failed>;

}  // namespace tpool::ir
