// Custom tools (one free-form string) for protocols that only know functions with JSON arguments.
//
// On the way out the tool becomes a function with one string member, `input`; on the way back the
// string is taken out of the arguments while they stream. What the model wrote in another shape is
// never lost: a JSON string, an object with one string, or plain text are accepted at the end.
// Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/ir/event.hpp"
#include "core/ir/tool_names.hpp"

namespace tpool::protocol {

// JSON schema of {"input": string}.
std::string_view custom_schema();

// The tool's description, how to call it, and its grammar in words a model can follow.
std::string custom_description(const ir::Tool& tool);

// {"input":"..."} around a free-form string.
std::string wrap_input(std::string_view input);

// Names in `call` the tool its client declared, by the name it has on the wire; one never declared
// keeps that. True for a custom tool, whose input comes as arguments unless the protocol has such
// tools itself.
bool restore_tool(const ir::ToolNames& names, std::string_view wire, ir::BlockStart& call);

// Arguments to the free-form string, piece by piece.
class InputUnwrapper {
 public:
  // Appends to `out` what is certain so far.
  void feed(std::string_view piece, std::string& out);
  // No more arguments will come; appends the rest.
  void finish(std::string& out);

 private:
  enum class State { head, text, escape, unicode, after, whole, done };
  void feed_head(char c);
  void feed_escape(char c, std::string& out);
  bool feed_unicode(char c, std::string& out);
  void flush_surrogate(std::string& out);

  State state_ = State::head;
  std::string held_;  // bytes not yet understood
  std::size_t head_at_ = 0;
  unsigned unit_ = 0;
  int digits_ = 0;
  unsigned high_ = 0;  // first half of a surrogate pair
};

}  // namespace tpool::protocol
