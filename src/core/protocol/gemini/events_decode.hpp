// A Gemini provider's answer, streamed or whole, as events.
//
// Thoughts become the summary of a reasoning block, a thought signature its seal; calls come whole.
// What this product never asks for but a provider may send anyway (code it ran, media it made) is
// said as text. The last chunk carries the finish reason. One per answer; any one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/tool_names.hpp"
#include "core/json/value.hpp"
#include "core/protocol/answer_decoder.hpp"
#include "core/protocol/call_ids.hpp"
#include "core/protocol/gemini/signatures.hpp"

namespace tpool::protocol::gemini {

class Decoder : public AnswerDecoder {
 public:
  // Only `names` must outlive this.
  Decoder(const ir::ToolNames& names, const Target& target)
      : AnswerDecoder(target), names_(names) {}

 private:
  void take_event(const SseEvent&, json::Value root, std::vector<ir::Event>& out) override;
  void take_answer(json::Value root, std::vector<ir::Event>& out) override;
  void take_end(std::vector<ir::Event>& out) override { complete(out); }
  void take_done(std::vector<ir::Event>& out) override { complete(out); }

  void take(json::Value root, std::vector<ir::Event>& out);
  void take_candidate(json::Value candidate, std::vector<ir::Event>& out);
  void take_part(json::Value part, std::vector<ir::Event>& out);
  void take_call(json::Value call, std::string_view signature, std::vector<ir::Event>& out);
  void take_block_reason(json::Value feedback, std::vector<ir::Event>& out);
  void take_finish(std::string_view word, std::string_view message, std::vector<ir::Event>& out);
  void show_text(std::string_view text, std::string_view signature, std::vector<ir::Event>& out);
  void show_thought(std::string_view text, std::vector<ir::Event>& out);
  void seal(Signature::Place place, std::string_view signature, std::vector<ir::Event>& out);
  void complete(std::vector<ir::Event>& out);

  const ir::ToolNames& names_;
  CallIds ids_;
  int text_block_ = -1;
  bool text_spoke_ = false;  // the open text block has text of earlier parts
  int reasoning_block_ = -1;
  bool called_ = false;
  std::optional<ir::Finish> finish_;
};

}  // namespace tpool::protocol::gemini
