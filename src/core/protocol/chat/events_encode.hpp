// An answer as the chunks of a Chat client.
//
// Reasoning of any kind goes out as `reasoning_content`; opaque data has no place here. Usage comes
// in a chunk of its own when it was asked for, then `[DONE]`; a failure is an error object and no
// `[DONE]`. A client of the legacy `functions` is told of the first call, as its `function_call`.
// One per answer; any one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/codec.hpp"

namespace tpool::protocol::chat {

class Encoder : public EventEncoder {
 public:
  explicit Encoder(ReplyContext context) : context_(std::move(context)) {}

  void write(const ir::Event& event, std::string& out) override;
  void heartbeat(std::string& out) override;

 private:
  struct Block {
    int index = 0;
    ir::BlockKind kind = ir::BlockKind::text;
    ir::ToolKind tool = ir::ToolKind::function;
    int call = 0;  // position among the answer's calls
    int part = 0;  // of the summary being shown
    bool spoke = false;
  };

  void on(const ir::Started& started, std::string& out);
  void on(const ir::BlockStart& start, std::string& out);
  void on(const ir::Delta& delta, std::string& out);
  void on(const ir::SummaryDelta& delta, std::string& out);
  void on(const ir::Sealed&, std::string&) {}
  void on(const ir::BlockEnd& end, std::string& out);
  void on(const ir::Finished& finished, std::string& out);
  void on(const ir::Failed& failed, std::string& out);

  void ensure_started(std::string_view id, std::string& out);
  void open_chunk(std::string& out) const;
  void close_chunk(std::string_view finish, std::string& out) const;
  void start_call(const ir::BlockStart& start, const Block& block, std::string& out) const;
  void write_text(std::string_view member, std::string_view text, std::string& out) const;
  Block* find(int index);

  ReplyContext context_;
  std::string head_;  // of every chunk, up to its delta
  std::vector<Block> open_;
  int next_call_ = 0;
  bool started_ = false;
  bool done_ = false;
};

// A whole answer.
std::string encode_answer(const ir::Answer& answer, const ReplyContext& context);

std::string_view spelled(ir::Finish finish, bool legacy_calls);

}  // namespace tpool::protocol::chat
