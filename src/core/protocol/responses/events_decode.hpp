// A Responses provider's answer, streamed or whole, as events.
//
// Tolerates providers that leave out deltas, `added` events or the items of the final response:
// what only a later event holds is taken from there, and nothing is told twice. One per answer; any
// one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/value.hpp"
#include "core/protocol/answer_decoder.hpp"
#include "core/protocol/call_ids.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::responses {

class Decoder : public AnswerDecoder {
 public:
  // Only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target)
      : AnswerDecoder(target), names_(names) {}

 private:
  // One block of the stream: a content part of a message, a reasoning item, or a call.
  struct Block {
    std::int64_t output = 0;
    std::int64_t content = -1;
    int index = 0;
    ir::BlockKind kind = ir::BlockKind::text;
    bool wrapped = false;                 // a custom tool's input inside JSON arguments
    std::size_t sent = 0;                 // bytes of text
    std::vector<std::size_t> parts = {};  // bytes of each summary part
    InputUnwrapper unwrapper = {};
  };
  struct Item {
    std::int64_t output = 0;
    std::string id;
    std::string phase;
    bool done = false;
  };

  void take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) override;
  void take_answer(json::Value root, std::vector<ir::Event>& out) override;
  void take_end(std::vector<ir::Event>& out) override;

  void take_named(std::string_view type, json::Value root, std::vector<ir::Event>& out);
  void start_answer(json::Value response, std::vector<ir::Event>& out);
  void take_response(std::string_view status, json::Value response, std::vector<ir::Event>& out);
  void start_item(std::int64_t output, json::Value item, std::vector<ir::Event>& out);
  void finish_item(std::int64_t output, json::Value item, std::vector<ir::Event>& out);
  void finish_message(Item& item, json::Value value, std::vector<ir::Event>& out);
  void finish_reasoning(Block& block, json::Value value, std::vector<ir::Event>& out);
  void add_text(Block& block, std::string_view text, std::vector<ir::Event>& out);
  void complete_text(Block& block, std::string_view whole, std::vector<ir::Event>& out);
  void add_summary(Block& block, std::int64_t part, std::string_view text,
                   std::vector<ir::Event>& out);
  void close(std::int64_t output, std::vector<ir::Event>& out);

  Item& item_at(std::int64_t output);
  Block* block_at(std::int64_t output, std::int64_t content);
  Block& text_block(std::int64_t output, std::int64_t content, ir::BlockKind kind,
                    std::vector<ir::Event>& out);
  Block& reasoning_block(std::int64_t output, json::Value item, std::vector<ir::Event>& out);
  Block* call_block(std::int64_t output, json::Value item, std::vector<ir::Event>& out);
  // An item or a part of one that has no event.
  void lose(std::string_view what);
  bool full() const { return next_block_ > max_blocks || items_.size() > max_blocks; }

  const ir::ToolNames& names_;
  std::vector<Block> blocks_;  // open ones
  std::vector<Item> items_;
  CallIds ids_;
  std::vector<ir::Loss> losses_;
  bool called_ = false;
};

}  // namespace tpool::protocol::responses
