// The tools of a Messages request and how the model may choose among them.
//
// A history of calls names its tools though none is offered any more, and a schema may be asked for
// as a call. The client's cache breakpoints are kept, at most four. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

class ToolWriter {
 public:
  // `called`: somewhere in the history a tool was called. All of them outlive this.
  ToolWriter(const ir::Request& request, const Target& target, bool called, Encoded& encoded);

  // Breakpoints the client set.
  int marked() const { return marked_; }
  // `tools` and `tool_choice`; `breakpoint` adds one after the tools.
  void write(json::Writer& writer, bool breakpoint);

 private:
  struct Tool {
    std::string json;  // the object, without a breakpoint of the client
    std::optional<std::string> mark = {};
    bool deferred = false;  // found by a search; the protocol takes no breakpoint on it
  };

  bool wants_answer_tool() const;
  void add_hosted(const ir::Tool& tool);
  void add_function(const ir::Tool& tool);
  void add_answer_tool();
  void add_earlier_tools();
  void limit_marks();
  void write_choice(json::Writer& writer);

  const ir::Request& request_;
  const Target& target_;
  Encoded& encoded_;
  std::vector<Tool> tools_;
  int marked_ = 0;
  bool earlier_ = false;
};

}  // namespace tpool::protocol::messages
