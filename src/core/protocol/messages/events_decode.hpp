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
#include "core/protocol/answer_decoder.hpp"
#include "core/protocol/call_ids.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

class Decoder : public AnswerDecoder {
 public:
  // Only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target)
      : AnswerDecoder(target), names_(names) {}

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

  void take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) override;
  void take_answer(json::Value root, std::vector<ir::Event>& out) override;
  void take_end(std::vector<ir::Event>& out) override;

  void take(std::string_view type, json::Value root, std::vector<ir::Event>& out);
  void start_answer(json::Value message, std::vector<ir::Event>& out);
  void start_block(std::int64_t position, json::Value block, std::vector<ir::Event>& out);
  void start_call(Block& open, json::Value block, std::vector<ir::Event>& out);
  void take_delta(std::int64_t position, json::Value delta, std::vector<ir::Event>& out);
  void add_text(Block& block, std::string_view text, std::vector<ir::Event>& out);
  void end_block(std::int64_t position, std::vector<ir::Event>& out);
  void finish_block(Block& block, std::vector<ir::Event>& out);
  void take_stop(json::Value delta);
  void take_message(json::Value message, std::vector<ir::Event>& out);
  void complete(std::vector<ir::Event>& out);
  Block* find(std::int64_t position);

  const ir::ToolNames& names_;
  std::vector<Block> open_;
  CallIds ids_;
  std::optional<ir::Finish> finish_;
  std::string stop_sequence_;
  std::vector<ir::Loss> losses_;
  bool called_ = false;
};

}  // namespace tpool::protocol::messages
