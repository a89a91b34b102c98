#include "core/protocol/messages/events_decode.hpp"

#include <algorithm>

#include "core/protocol/fields.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/usage.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::messages {

namespace {

using Kind = ir::Failure::Kind;

ir::Finish finish_of(std::string_view reason, bool called) {
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") {
    return ir::Finish::length;
  }
  if (reason == "refusal") return ir::Finish::content_filter;
  if (reason == "pause_turn") return ir::Finish::pause;
  if (called) return ir::Finish::tool_calls;
  if (reason == "end_turn" || reason == "stop_sequence" || reason == "tool_use") {
    return ir::Finish::stop;
  }
  return ir::Finish::other;
}

}  // namespace

void Decoder::take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) {
  take(root["type"].string_or(event.name), root, out);
}

void Decoder::take_answer(json::Value root, std::vector<ir::Event>& out) {
  take(root["type"].string_or(""), root, out);
}

void Decoder::take_end(std::vector<ir::Event>& out) {
  // Some servers leave the last event out; a reason to stop is an end as well.
  if (finish_) {
    complete(out);
  } else {
    fail({Kind::cut, 0, "the answer ended without message_stop"}, out);
  }
}

void Decoder::take(std::string_view type, json::Value root, std::vector<ir::Event>& out) {
  if (!readable(root, out)) return;
  if (next_block_ > max_blocks) {
    fail_overfull(out);
    return;
  }
  const std::int64_t position = root["index"].integer().value_or(0);
  if (type == "content_block_delta") {
    take_delta(position, root["delta"], out);
  } else if (type == "content_block_start") {
    start_block(position, root["content_block"], out);
  } else if (type == "content_block_stop") {
    end_block(position, out);
  } else if (type == "message_start") {
    start_answer(root["message"], out);
  } else if (type == "message_delta") {
    add_usage(root["usage"], usage_);
    take_stop(root["delta"]);
  } else if (type == "message_stop") {
    complete(out);
  } else if (type == "message" || (root["content"].is_array() && root["role"])) {
    take_message(root, out);
  } else if (type == "error" || root["error"]) {
    fail(read_error(0, root["error"] ? root["error"] : root), out);
  } else if (type.empty()) {
    const bool words = root["message"].is_string() || root["detail"] || root["msg"].is_string();
    fail(words ? read_error(0, root)
               : ir::Failure{Kind::garbage, 0,
                             "the provider sent something that is no Messages event"},
         out);
  }
}

void Decoder::start_answer(json::Value message, std::vector<ir::Event>& out) {
  add_usage(message["usage"], usage_);
  const std::string_view id = message["id"].string_or("");
  if (start(id, message["model"].string_or(""), out)) ids_.set_answer_id(id);
}

Decoder::Block* Decoder::find(std::int64_t position) {
  const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                  [&](const Block& block) { return block.position == position; });
  return found == open_.rend() ? nullptr : &*found;
}

void Decoder::start_block(std::int64_t position, json::Value value, std::vector<ir::Event>& out) {
  // A number used again without an end: the block before it is over.
  end_block(position, out);
  const std::string_view type = value["type"].string_or("");
  Block block{position};
  ir::BlockStart start;
  if (type == "text") {
    start.kind = ir::BlockKind::text;
  } else if (type == "thinking" || type == "redacted_thinking") {
    start.kind = ir::BlockKind::reasoning;
  } else if (type == "tool_use") {
    start_call(block, value, out);
    open_.push_back(std::move(block));
    return;
  } else {
    block.shown = false;
    lose_named(losses_, "answer.", type, ir::Loss::Action::dropped);
    open_.push_back(std::move(block));
    return;
  }
  block.index = start.index = next_block_++;
  block.kind = start.kind;
  out.emplace_back(std::move(start));
  for (std::size_t i = 0; i < value["citations"].size(); ++i) {
    ir::add_loss(losses_, "answer.citations", ir::Loss::Action::dropped);
  }
  Block& open = open_.emplace_back(std::move(block));
  open.thought.redacted = value["data"].string_or("");
  open.thought.signature = value["signature"].string_or("");
  add_text(open, value[type == "text" ? "text" : "thinking"].string_or(""), out);
}

void Decoder::start_call(Block& open, json::Value block, std::vector<ir::Event>& out) {
  const std::string_view name = block["name"].string_or("");
  const json::Value input = block["input"];
  if (input.is_string()) {
    open.input = *input.string();
  } else if (input.is_object() && input.size() > 0) {
    open.input = input.text();
  }
  open.index = next_block_++;
  ir::BlockStart start;
  start.index = open.index;
  if (target_.dialect.json_schema == "tool" && name == answer_tool &&
      names_.find(name) == nullptr) {
    // The answer itself, asked for as a call.
    open.kind = ir::BlockKind::text;
    out.emplace_back(std::move(start));
    return;
  }
  called_ = true;
  open.kind = ir::BlockKind::tool_call;
  start.kind = open.kind;
  start.call_id = ids_.take(block["id"].string_or(""));
  open.wrapped = restore_tool(names_, name, start);
  out.emplace_back(std::move(start));
}

void Decoder::take_delta(std::int64_t position, json::Value delta, std::vector<ir::Event>& out) {
  Block* block = find(position);
  const std::string_view type = delta["type"].string_or("");
  if (block == nullptr) {
    // A server that forgot to open the block.
    const bool text = type == "text_delta";
    if (!text && type != "thinking_delta") return;
    const auto opening =
        json::Document::parse(text ? R"({"type":"text"})" : R"({"type":"thinking"})");
    start_block(position, opening->root(), out);
    block = find(position);
  }
  if (!block->shown) return;
  if (type == "text_delta") {
    add_text(*block, delta["text"].string_or(""), out);
  } else if (type == "thinking_delta") {
    add_text(*block, delta["thinking"].string_or(""), out);
  } else if (type == "input_json_delta") {
    add_text(*block, delta["partial_json"].string_or(""), out);
  } else if (type == "signature_delta") {
    block->thought.signature += delta["signature"].string_or("");
  } else if (type == "citations_delta") {
    ir::add_loss(losses_, "answer.citations", ir::Loss::Action::dropped);
  }
}

void Decoder::add_text(Block& block, std::string_view text, std::vector<ir::Event>& out) {
  if (text.empty()) return;
  if (block.kind == ir::BlockKind::reasoning) {
    block.thought.thinking += text;
    out.emplace_back(ir::SummaryDelta{block.index, 0, std::string(text)});
    return;
  }
  block.spoke = true;
  ir::Delta delta{block.index, {}};
  if (block.wrapped) {
    block.unwrapper.feed(text, delta.text);
  } else {
    delta.text = text;
  }
  if (!delta.text.empty()) out.emplace_back(std::move(delta));
}

void Decoder::end_block(std::int64_t position, std::vector<ir::Event>& out) {
  Block* block = find(position);
  if (block == nullptr) return;
  finish_block(*block, out);
  open_.erase(open_.begin() + (block - open_.data()));
}

void Decoder::finish_block(Block& block, std::vector<ir::Event>& out) {
  if (!block.shown) return;
  if (!block.spoke && !block.input.empty()) add_text(block, block.input, out);
  if (block.kind == ir::BlockKind::tool_call) {
    ir::Delta rest{block.index, {}};
    if (block.wrapped) {
      block.unwrapper.finish(rest.text);
    } else if (!block.spoke) {
      // A call without arguments is a call with none of them.
      rest.text = "{}";
    }
    if (!rest.text.empty()) out.emplace_back(std::move(rest));
  }
  const Thought& thought = block.thought;
  if (block.kind == ir::BlockKind::reasoning &&
      !(thought.signature.empty() && thought.redacted.empty())) {
    out.emplace_back(ir::Sealed{
        block.index,
        {target_.provider, target_.model, std::string(sealed_kind), seal_thought(thought)}});
  }
  out.emplace_back(ir::BlockEnd{block.index});
}

void Decoder::take_stop(json::Value delta) {
  const auto reason = delta["stop_reason"].string();
  if (!reason || reason->empty()) return;
  finish_ = finish_of(*reason, called_);
  stop_sequence_ = delta["stop_sequence"].string_or("");
}

void Decoder::take_message(json::Value message, std::vector<ir::Event>& out) {
  start_answer(message, out);
  const json::Value content = message["content"];
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (next_block_ > max_blocks) {
      fail_overfull(out);
      return;
    }
    const auto position = static_cast<std::int64_t>(i);
    start_block(position, content.at(i), out);
    end_block(position, out);
  }
  take_stop(message);
  // A whole answer is finished even when it does not say why.
  if (!finish_) finish_ = finish_of("end_turn", called_);
  complete(out);
}

void Decoder::complete(std::vector<ir::Event>& out) {
  if (!finish_) {
    fail({Kind::cut, 0, "the answer ended without a stop reason"}, out);
    return;
  }
  for (Block& block : open_) finish_block(block, out);
  open_.clear();
  finish({*finish_, usage_, std::move(losses_), stop_sequence_}, out);
}

}  // namespace tpool::protocol::messages
