// A Chat provider's answer, streamed or whole, as events. One per answer; any one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/answer_decoder.hpp"
#include "core/protocol/chat/reasoning.hpp"
#include "core/protocol/chat/text_template.hpp"
#include "core/protocol/chat/think_tags.hpp"
#include "core/protocol/chat/tool_calls.hpp"

namespace tpool::protocol::chat {

class Decoder : public AnswerDecoder {
 public:
  // Only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target)
      : AnswerDecoder(target), calls_(names) {}

 private:
  void take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) override;
  void take_answer(json::Value root, std::vector<ir::Event>& out) override { take(root, out); }
  void take_end(std::vector<ir::Event>& out) override { complete(out); }
  void take_done(std::vector<ir::Event>& out) override { complete(out); }
  bool take_unread(const SseEvent& event, std::vector<ir::Event>& out) override;

  void take(json::Value root, std::vector<ir::Event>& out);
  void learn(std::string_view data, json::Value root, const std::vector<ir::Event>& out,
             std::size_t before);
  void take_choice(json::Value choice, std::vector<ir::Event>& out);
  void take_content(json::Value content, std::vector<ir::Event>& out);
  void take_text(std::string_view text, std::vector<ir::Event>& out);
  void take_finish(std::string_view word, std::vector<ir::Event>& out);
  void show_text(std::string text, ir::BlockKind kind, std::vector<ir::Event>& out);
  void show_reasoning(std::string text, std::vector<ir::Event>& out);
  void close_reasoning(std::vector<ir::Event>& out);
  void close_all(std::vector<ir::Event>& out);
  void complete(std::vector<ir::Event>& out);

  ToolCalls calls_;
  ReasoningLog log_;
  ThinkTags think_;
  TextTemplate similar_;  // for the open text block
  int text_block_ = -1;
  ir::BlockKind text_kind_ = ir::BlockKind::text;
  int reasoning_block_ = -1;
  std::optional<ir::Finish> finish_;
};

}  // namespace tpool::protocol::chat
