// The items of a request as the alternating turns of the Messages protocol, before they are
// written.
//
// Turns alternate and begin with the user; a reply's calls are answered together at the head of the
// user turn right after it; no block is empty. Blocks are finished JSON objects. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

struct Block {
  enum class Kind { text, thinking, call, result, other };
  Kind kind = Kind::text;
  std::string json;                      // the object, without a cache breakpoint
  std::optional<std::string> mark = {};  // one the client set
};

struct Turn {
  ir::Role role = ir::Role::user;  // user, assistant; system where the provider takes it
  std::vector<Block> blocks = {};
};

struct Turns {
  std::vector<Block> system = {};
  std::vector<Turn> turns = {};
  bool called = false;  // somewhere a tool was called
  // Thinking may be on: a round of calls still in progress began with signed thinking, or there is
  // none.
  bool can_think = true;
};

Turns make_turns(const ir::Request& request, const Target& target, Encoded& encoded);

// Keeps the client's breakpoints, the last ones where they are too many; adds some when it set none
// and `marked_before` (its tools) is 0. Returns whether a breakpoint belongs after the tools.
bool place_breakpoints(Turns& turns, int marked_before, std::vector<ir::Loss>& losses);

// A finished object with a breakpoint in it, if there is one.
void write_marked(json::Writer& writer, const std::string& object,
                  const std::optional<std::string>& mark);

}  // namespace tpool::protocol::messages
