// A Chat provider's answer, streamed or whole, as events. One per answer; any one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/chat/reasoning.hpp"
#include "core/protocol/chat/text_template.hpp"
#include "core/protocol/chat/think_tags.hpp"
#include "core/protocol/chat/tool_calls.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol::chat {

class Decoder : public EventDecoder {
 public:
  // `target` is copied: only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target) : target_(target), calls_(names) {}

  void feed(const SseEvent& event, std::vector<ir::Event>& out) override;
  void end(std::vector<ir::Event>& out) override;

  // A chunk, or a whole answer.
  void take(json::Value root, std::vector<ir::Event>& out);
  void fail(ir::Failure failure, std::vector<ir::Event>& out);
  bool done() const { return done_; }

 private:
  bool take_similar(std::string_view data, std::vector<ir::Event>& out);
  void learn(std::string_view data, json::Value root, const std::vector<ir::Event>& out,
             std::size_t before);
  void take_choice(json::Value choice, std::vector<ir::Event>& out);
  void take_content(json::Value content, std::vector<ir::Event>& out);
  void take_text(std::string_view text, std::vector<ir::Event>& out);
  void take_finish(std::string_view word, std::vector<ir::Event>& out);
  void show_text(std::string text, ir::BlockKind kind, std::vector<ir::Event>& out);
  void show_reasoning(std::string text, std::vector<ir::Event>& out);
  void close_text(std::vector<ir::Event>& out);
  void close_reasoning(std::vector<ir::Event>& out);
  void close_all(std::vector<ir::Event>& out);
  void complete(std::vector<ir::Event>& out);

  Target target_;
  ToolCalls calls_;
  ReasoningLog log_;
  ThinkTags think_;
  TextTemplate similar_;  // for the open text block
  int next_block_ = 0;
  int text_block_ = -1;
  ir::BlockKind text_kind_ = ir::BlockKind::text;
  int reasoning_block_ = -1;
  bool started_ = false;
  bool done_ = false;
  std::optional<ir::Finish> finish_;
  std::optional<ir::Usage> usage_;
};

}  // namespace tpool::protocol::chat
