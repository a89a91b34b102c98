// An answer as the event stream of a Messages client.
//
// Clients take blocks one after the other, so blocks that arrive interleaved wait for their turn.
// Reasoning is thinking; its opaque data rides in the signature: labelled where this protocol made
// it, as a token of ours where another did. One per answer; any one thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/protocol/codec.hpp"
#include "core/protocol/messages/thinking.hpp"

namespace tpool::protocol::messages {

class Encoder : public EventEncoder {
 public:
  explicit Encoder(ReplyContext context) : context_(std::move(context)) {}

  void write(const ir::Event& event, std::string& out) override;
  void heartbeat(std::string& out) override;

 private:
  struct Block {
    ir::BlockStart start;
    std::string pending = {};  // words that wait for the block's turn
    std::optional<ir::Opaque> opaque = {};
    std::optional<int> part = {};  // of the summary being told; -1: raw reasoning
    bool open = false;
    bool ended = false;
    bool spoke = false;
  };

  void on(const ir::Started& started, std::string& out);
  void on(const ir::BlockStart& start, std::string& out);
  void on(const ir::Delta& delta, std::string& out);
  void on(const ir::SummaryDelta& delta, std::string& out);
  void on(const ir::Sealed& sealed, std::string& out);
  void on(const ir::BlockEnd& end, std::string& out);
  void on(const ir::Finished& finished, std::string& out);
  void on(const ir::Failed& failed, std::string& out);

  void ensure_started(std::string_view id, std::string& out);
  void show_reasoning(int index, int part, std::string_view text, std::string& out);
  // Tells what may be told of the first blocks.
  void advance(std::string& out);
  void open_block(Block& block, std::string& out);
  void tell(Block& block, std::string& out);
  void close_block(Block& block, std::string& out);
  Block* find(int index);

  ReplyContext context_;
  std::deque<Block> blocks_;  // in order; only the first is told
  int next_index_ = 0;
  bool started_ = false;
  bool done_ = false;
};

// What a client is given to hold for a thinking block: {signature or data, whether it is redacted}.
struct Held {
  std::string text;
  bool redacted = false;
};
Held held_of(const std::optional<ir::Opaque>& opaque, const ReplyContext& context);

// A whole answer.
std::string encode_answer(const ir::Answer& answer, const ReplyContext& context);

std::string_view spelled(ir::Finish finish, bool at_stop_sequence);

}  // namespace tpool::protocol::messages
