// Tool calls gathered from Chat's deltas, whatever shape the provider gives them.
//
// Calls come by index, by id, or by neither; ids come late, never, or twice; names come in pieces
// or again and again; arguments come as text or as an object. A call's block starts once its name
// and id are known, in the order the calls appeared, and stays open until finish(). Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/event.hpp"
#include "core/ir/tool_names.hpp"
#include "core/json/value.hpp"
#include "core/protocol/call_ids.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::chat {

class ToolCalls {
 public:
  explicit ToolCalls(const ir::ToolNames& names) : names_(names) {}

  // One element of `tool_calls`. `next_block` is the stream's counter of block indices; `position`
  // is the place in a whole answer's list, where every element is a call of its own.
  void feed(json::Value call, std::optional<std::int64_t> position, int& next_block,
            std::vector<ir::Event>& out);
  // Starts what waits for its id and ends every call.
  void finish(int& next_block, std::vector<ir::Event>& out);

  bool any() const { return any_; }
  int count() const { return static_cast<int>(calls_.size()); }
  // Makes generated ids unlike those of other answers.
  void set_answer_id(std::string_view id) { ids_.set_answer_id(id); }

 private:
  struct Call {
    std::optional<std::int64_t> index;
    std::string id;
    std::string name;
    std::string pending;  // arguments from before the start
    bool native_custom = false;
    bool wrapped = false;
    bool started = false;
    bool spoke = false;  // some input was passed on
    int block = 0;
    InputUnwrapper unwrapper;
  };

  Call& pick(std::optional<std::int64_t> index, std::string_view id, std::string_view name);
  void start(Call& call, int& next_block, std::vector<ir::Event>& out);
  void pass(Call& call, std::string_view piece, std::vector<ir::Event>& out);

  const ir::ToolNames& names_;
  std::vector<Call> calls_;
  CallIds ids_;
  bool any_ = false;
};

}  // namespace tpool::protocol::chat
