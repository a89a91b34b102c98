// An answer as the event stream of a Responses client, exact enough for Codex.
//
// Codex takes text, reasoning and calls only from `output_item.done` and needs the stream to end in
// `response.completed` with an id and complete usage, or in `response.failed`. A truncated answer
// is kept: it completes, with status `incomplete` and the reason. Refusals are text, reasoning of
// any kind is shown as a summary, and opaque data travels sealed in `encrypted_content`. One per
// answer; any one thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/protocol/codec.hpp"

namespace tpool::protocol::responses {

class Encoder : public EventEncoder {
 public:
  explicit Encoder(ReplyContext context)
      : context_(std::move(context)), sequence_(context_.sequence) {}

  void write(const ir::Event& event, std::string& out) override;
  void heartbeat(std::string& out) override;
  bool opened() const override { return created_ && !context_.begun; }
  // One response.created, one id and one numbering: ours. The last event keeps the id of an answer
  // that its provider stores, since that is where the client finds it again.
  void adopt(const SseEvent& event, std::string& out) override;

  // The whole answer once it has ended, empty before.
  std::string take_response() { return std::move(response_); }
  // What /responses/compact answers with, once it has ended.
  std::string take_compacted(const std::optional<ir::Usage>& usage) const;
  bool failed() const { return failed_; }

 private:
  struct Block {
    ir::BlockStart start;
    int output_index = 0;
    std::string id;
    std::string text;
    std::vector<std::string> summary;
    std::string place;    // `,"item_id":...,"delta":` of its next delta, ready to append
    bool raw = false;     // reasoning text is going to `content`, as a summary exists
    bool summed = false;  // a summary part is open
    int part = 0;         // the source's number of the open summary part
    std::string encrypted;
  };

  void on(const ir::Started& started, std::string& out);
  void on(const ir::BlockStart& start, std::string& out);
  void on(const ir::Delta& delta, std::string& out);
  void on(const ir::SummaryDelta& delta, std::string& out);
  void on(const ir::Sealed& sealed, std::string& out);
  void on(const ir::BlockEnd& end, std::string& out);
  void on(const ir::Finished& finished, std::string& out);
  void on(const ir::Failed& failed, std::string& out);

  // With a compaction asked for, text becomes the one item; true when nothing else is to be said.
  bool summarize(const ir::Event& event, std::string& out);
  void ensure_created(std::string_view id, std::string& out);
  void open_event(std::string_view name, std::string& out);
  void write_delta(std::string_view name, const Block& block, std::string_view text,
                   std::string_view end, std::string& out);
  void write_place(Block& block, std::string_view index_name, std::size_t index);
  void show_summary(Block& block, int part, std::string_view text, std::string& out);
  void close_summary(Block& block, std::string& out);
  void finish_block(Block& block, std::string& out);
  void write_item(const Block& block, bool done, std::string& out) const;
  void write_response(std::string_view status, std::string_view incomplete,
                      const std::optional<ir::Usage>& usage, std::string& out) const;
  void write_settings(std::string& out) const;
  std::string output_json() const;
  Block* find(int index);
  std::string item_id(std::string_view prefix, const ir::BlockStart& start);

  ReplyContext context_;
  std::string id_;
  std::vector<Block> open_;
  std::unordered_set<std::string> ids_;  // of every item
  int next_id_ = 0;                      // lower numbers are not tried again
  std::vector<std::string> output_;      // items done, at their index; empty while open
  std::string response_;
  std::string summary_;              // text of a compaction
  std::vector<int> summary_blocks_;  // where it comes from
  int next_output_ = 0;
  std::int64_t sequence_ = 0;
  bool created_ = false;
  bool adopted_ = false;  // what is said is a provider's own answer
  bool done_ = false;
  bool failed_ = false;
};

// A whole answer.
std::string encode_answer(const ir::Answer& answer, const ReplyContext& context);

}  // namespace tpool::protocol::responses
