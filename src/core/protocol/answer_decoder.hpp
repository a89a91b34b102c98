// What decoding a provider's answer is in every protocol.
//
// Events are read as JSON and handed on; an answer starts once and ends once, and nothing after its
// end is looked at. Blocks are numbered from 0. One per answer; any one thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/json/value.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol {

class AnswerDecoder : public EventDecoder {
 public:
  void feed(const SseEvent& event, std::vector<ir::Event>& out) final;
  void end(std::vector<ir::Event>& out) final;
  const std::optional<ir::Usage>& usage() const final { return usage_; }
  // A whole answer in place of events.
  void take_whole(std::string_view body, std::vector<ir::Event>& out);

 protected:
  explicit AnswerDecoder(const Target& target) : target_(target) {}

  virtual void take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) = 0;
  virtual void take_answer(json::Value root, std::vector<ir::Event>& out) = 0;
  // The wire is at its end, and the answer is not.
  virtual void take_end(std::vector<ir::Event>& out) = 0;
  // `[DONE]`; a protocol that has none takes it for nothing.
  virtual void take_done(std::vector<ir::Event>&) {}
  // True when the event is told already and need not be read.
  virtual bool take_unread(const SseEvent&, std::vector<ir::Event>&) { return false; }

  // False when there is nothing to read in `root`, which then has ended the answer.
  bool readable(json::Value root, std::vector<ir::Event>& out);
  // Says who answers, the first time.
  bool start(std::string_view id, std::string_view model, std::vector<ir::Event>& out);
  int open_block(ir::BlockKind kind, std::vector<ir::Event>& out);
  // Ends the block and forgets it; below zero there is none.
  void close_block(int& index, std::vector<ir::Event>& out);
  void finish(ir::Finished finished, std::vector<ir::Event>& out);
  void fail(ir::Failure failure, std::vector<ir::Event>& out);
  void fail_overfull(std::vector<ir::Event>& out);

  Target target_;  // a copy
  std::optional<ir::Usage> usage_;
  int next_block_ = 0;
  bool started_ = false;
  bool done_ = false;
};

}  // namespace tpool::protocol
