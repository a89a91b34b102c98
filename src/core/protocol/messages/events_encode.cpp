#include "core/protocol/messages/events_encode.hpp"

#include <algorithm>

#include "core/json/write.hpp"
#include "core/protocol/messages/errors.hpp"
#include "core/protocol/messages/usage.hpp"
#include "core/protocol/seal.hpp"
#include "core/protocol/sse.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

std::string_view spelled(ir::Finish finish, bool at_stop_sequence) {
  switch (finish) {
    case ir::Finish::tool_calls: return "tool_use";
    case ir::Finish::length: return "max_tokens";
    case ir::Finish::content_filter: return "refusal";
    case ir::Finish::pause: return "pause_turn";
    case ir::Finish::stop:
    case ir::Finish::other: break;
  }
  return at_stop_sequence ? "stop_sequence" : "end_turn";
}

Held held_of(const std::optional<ir::Opaque>& opaque, const ReplyContext& context) {
  // Unsigned, it has a token of nothing: the protocol's own providers refuse it and must not see
  // it.
  if (!opaque)
    return {seal_token({context.provider, context.upstream_model, {}, {}}, context.seal_key)};
  ir::Opaque labelled = *opaque;
  if (labelled.provider.empty()) {
    labelled.provider = context.provider;
    labelled.model = context.upstream_model;
  }
  const auto thought = opaque->kind == sealed_kind ? open_thought(opaque->data) : std::nullopt;
  if (!thought) return {seal_token(labelled, context.seal_key)};
  const bool redacted = !thought->redacted.empty();
  labelled.data = redacted ? thought->redacted : thought->signature;
  return {seal(labelled), redacted};
}

void Encoder::write(const ir::Event& event, std::string& out) {
  if (done_) return;
  std::visit([&](const auto& one) { on(one, out); }, event);
}

void Encoder::heartbeat(std::string& out) {
  if (!done_) append_event(out, "ping", R"({"type":"ping"})");
}

void Encoder::ensure_started(std::string_view id, std::string& out) {
  if (started_) return;
  started_ = true;
  if (context_.begun) return;
  open_event("message_start", out);
  out += ",\"message\":";
  json::Writer writer(out);
  writer.begin_object().member("id", !id.empty() ? id : std::string_view(context_.answer_id));
  writer.member("type", "message").member("role", "assistant").member("model", context_.model);
  writer.key("content").raw("[]").key("stop_reason").null().key("stop_sequence").null();
  // The counts are known at the end, where they are told.
  writer.key("usage").raw(R"({"input_tokens":0,"output_tokens":0})").end_object();
  close_event(out);
}

Encoder::Block* Encoder::find(int index) {
  const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(), [&](const Block& block) {
    return block.start.index == index && !block.ended;
  });
  return found == blocks_.rend() ? nullptr : &*found;
}

void Encoder::on(const ir::Started& started, std::string& out) { ensure_started(started.id, out); }

void Encoder::on(const ir::BlockStart& start, std::string& out) {
  ensure_started({}, out);
  blocks_.push_back({start});
  advance(out);
}

void Encoder::on(const ir::Delta& delta, std::string& out) {
  Block* block = find(delta.index);
  if (block == nullptr || delta.text.empty()) return;
  if (block->start.kind == ir::BlockKind::reasoning) {
    // A provider that gives both gives the same thoughts twice; the summary is enough.
    if (!block->part || block->part == -1) show_reasoning(delta.index, -1, delta.text, out);
    return;
  }
  block->pending += delta.text;
  advance(out);
}

void Encoder::on(const ir::SummaryDelta& delta, std::string& out) {
  if (!delta.text.empty()) show_reasoning(delta.index, delta.part, delta.text, out);
}

void Encoder::show_reasoning(int index, int part, std::string_view text, std::string& out) {
  Block* block = find(index);
  if (block == nullptr) return;
  if (block->part && block->part != part) block->pending += "\n\n";
  block->part = part;
  block->pending += text;
  advance(out);
}

void Encoder::on(const ir::Sealed& sealed, std::string&) {
  if (Block* block = find(sealed.index)) block->opaque = sealed.opaque;
}

void Encoder::on(const ir::BlockEnd& end, std::string& out) {
  Block* block = find(end.index);
  if (block == nullptr) return;
  block->ended = true;
  advance(out);
}

void Encoder::advance(std::string& out) {
  while (!blocks_.empty()) {
    Block& block = blocks_.front();
    if (!block.pending.empty()) tell(block, out);
    if (!block.open && block.start.kind != ir::BlockKind::reasoning) open_block(block, out);
    if (!block.ended) return;
    close_block(block, out);
    blocks_.pop_front();
  }
}

void Encoder::open_block(Block& block, std::string& out) {
  block.open = true;
  open_event("content_block_start", out);
  out += ",\"index\":" + std::to_string(next_index_) + ",\"content_block\":";
  json::Writer writer(out);
  writer.begin_object();
  if (block.start.kind == ir::BlockKind::tool_call) {
    writer.member("type", "tool_use").member("id", block.start.call_id);
    writer.member("name", block.start.name).key("input").raw("{}");
  } else if (block.start.kind == ir::BlockKind::reasoning) {
    writer.member("type", "thinking").member("thinking", "").member("signature", "");
  } else {
    writer.member("type", "text").member("text", "");
  }
  writer.end_object();
  close_event(out);
}

void Encoder::tell(Block& block, std::string& out) {
  const bool call = block.start.kind == ir::BlockKind::tool_call;
  std::string_view type = "text_delta";
  std::string_view member = "text";
  if (call) {
    // A free-form input becomes JSON once it is whole.
    if (block.start.tool == ir::ToolKind::custom && !block.ended) return;
    if (block.start.tool == ir::ToolKind::custom) block.pending = wrap_input(block.pending);
    type = "input_json_delta";
    member = "partial_json";
  } else if (block.start.kind == ir::BlockKind::reasoning) {
    type = "thinking_delta";
    member = "thinking";
  }
  if (!block.open) open_block(block, out);
  open_event("content_block_delta", out);
  out += ",\"index\":" + std::to_string(next_index_) + ",\"delta\":{\"type\":\"";
  out += type;
  out += "\",\"";
  out += member;
  out += "\":";
  json::append_quoted(out, block.pending);
  out += '}';
  close_event(out);
  block.pending.clear();
}

void Encoder::close_block(Block& block, std::string& out) {
  if (block.start.kind == ir::BlockKind::reasoning) {
    if (!block.open && !block.opaque) return;
    const Held held = held_of(block.opaque, context_);
    if (!block.open && held.text.empty()) return;
    if (!block.open && held.redacted) {
      open_event("content_block_start", out);
      out += ",\"index\":" + std::to_string(next_index_);
      out += R"(,"content_block":{"type":"redacted_thinking","data":)";
      json::append_quoted(out, held.text);
      out += '}';
      close_event(out);
    } else {
      if (!block.open) open_block(block, out);
      if (!held.text.empty()) {
        open_event("content_block_delta", out);
        out += ",\"index\":" + std::to_string(next_index_);
        out += R"(,"delta":{"type":"signature_delta","signature":)";
        json::append_quoted(out, held.text);
        out += '}';
        close_event(out);
      }
    }
  }
  open_event("content_block_stop", out);
  out += ",\"index\":" + std::to_string(next_index_++);
  close_event(out);
}

void Encoder::on(const ir::Finished& finished, std::string& out) {
  ensure_started({}, out);
  for (Block& block : blocks_) block.ended = true;
  advance(out);
  done_ = true;
  open_event("message_delta", out);
  out += ",\"delta\":{\"stop_reason\":\"";
  out += spelled(finished.reason, !finished.stop_sequence.empty());
  out += "\",\"stop_sequence\":";
  if (finished.stop_sequence.empty()) {
    out += "null";
  } else {
    json::append_quoted(out, finished.stop_sequence);
  }
  out += "},\"usage\":";
  if (finished.usage) {
    json::Writer writer(out);
    write_usage(writer, *finished.usage);
  } else {
    out += R"({"input_tokens":null,"output_tokens":null})";
  }
  close_event(out);
  append_event(out, "message_stop", R"({"type":"message_stop"})");
}

void Encoder::on(const ir::Failed& failed, std::string& out) {
  done_ = true;
  append_event(out, "error", encode_error(failed.failure).body);
}

}  // namespace tpool::protocol::messages
