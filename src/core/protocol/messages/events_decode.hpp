// A Messages provider's answer, streamed or whole, as events.
//
// Thinking is shown as a summary and sealed with its signature when its block ends. Blocks of the
// provider's own tools mean nothing here: they are passed over and counted. One per answer; any one
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/value.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

class Decoder : public EventDecoder {
 public:
  // `target` is copied: only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target) : names_(names), target_(target) {}

  void feed(const SseEvent& event, std::vector<ir::Event>& out) override;
  void end(std::vector<ir::Event>& out) override;

  // An event, or a whole answer.
  void take(std::string_view type, json::Value root, std::vector<ir::Event>& out);
  void fail(ir::Failure failure, std::vector<ir::Event>& out);

 private:
  struct Block {
    std::int64_t position = 0;  // the provider's number
    int index = 0;
    ir::BlockKind kind = ir::BlockKind::text;
    bool shown = true;     // false: of the provider's own tools
    bool wrapped = false;  // a custom tool as a function
    bool spoke = false;
    std::string input = {};  // of the block's start, used when no delta comes
    Thought thought = {};
    InputUnwrapper unwrapper = {};
  };

  void start_answer(json::Value message, std::vector<ir::Event>& out);
  void start_block(std::int64_t position, json::Value block, std::vector<ir::Event>& out);
  void start_call(Block& open, json::Value block, std::vector<ir::Event>& out);
  void take_delta(std::int64_t position, json::Value delta, std::vector<ir::Event>& out);
  void add_text(Block& block, std::string_view text, std::vector<ir::Event>& out);
  void end_block(std::int64_t position, std::vector<ir::Event>& out);
  void finish_block(Block& block, std::vector<ir::Event>& out);
  void take_stop(json::Value delta);
  void take_whole(json::Value message, std::vector<ir::Event>& out);
  void complete(std::vector<ir::Event>& out);
  Block* find(std::int64_t position);
  std::string unique_id(std::string_view id);

  const ir::ToolNames& names_;
  Target target_;
  std::vector<Block> open_;
  std::vector<std::string> call_ids_;
  std::optional<ir::Usage> usage_;
  std::optional<ir::Finish> finish_;
  std::string stop_sequence_;
  std::vector<ir::Loss> losses_;
  int next_block_ = 0;
  bool called_ = false;
  bool started_ = false;
  bool done_ = false;
};

}  // namespace tpool::protocol::messages
