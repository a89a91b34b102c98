#include "core/protocol/responses/events_encode.hpp"

#include <algorithm>

#include "core/json/write.hpp"
#include "core/protocol/responses/errors.hpp"

namespace tpool::protocol::responses {

namespace {

constexpr std::string_view text_delta = "response.output_text.delta";
constexpr std::string_view summary_delta = "response.reasoning_summary_text.delta";
constexpr std::string_view reasoning_delta = "response.reasoning_text.delta";
constexpr std::string_view arguments_delta = "response.function_call_arguments.delta";
constexpr std::string_view input_delta = "response.custom_tool_call_input.delta";

bool is_text(ir::BlockKind kind) {
  return kind == ir::BlockKind::text || kind == ir::BlockKind::refusal;
}

}  // namespace

void Encoder::write(const ir::Event& event, std::string& out) {
  if (done_ || (context_.compaction && summarize(event, out))) return;
  std::visit([&](const auto& one) { on(one, out); }, event);
}

void Encoder::heartbeat(std::string& out) {
  if (done_) return;
  if (context_.begun) {
    // A response object would need the provider's id and all else it said.
    append_event(out, "keepalive", R"({"type":"keepalive"})");
    return;
  }
  // The first one says who answers; that need not be said again.
  if (!created_) return ensure_created({}, out);
  open_event("keepalive", out);
  close_event(out);
}

void Encoder::open_event(std::string_view name, std::string& out) {
  protocol::open_event(name, out);
  out += ",\"sequence_number\":";
  out += std::to_string(sequence_++);
}

void Encoder::ensure_created(std::string_view id, std::string& out) {
  if (created_) return;
  created_ = true;
  id_ = !id.empty()                   ? id
        : !context_.answer_id.empty() ? std::string_view(context_.answer_id)
                                      : std::string_view("resp_0");
  if (context_.begun) return;
  for (const std::string_view name : {"response.created", "response.in_progress"}) {
    open_event(name, out);
    out += ",\"response\":";
    write_response("in_progress", {}, {}, out);
    close_event(out);
  }
}

// `,"item_id":"...","output_index":0,"content_index":0,"delta":`
void Encoder::write_place(Block& block, std::string_view index_name, std::size_t index) {
  block.place = ",\"item_id\":";
  json::append_quoted(block.place, block.id);
  block.place += ",\"output_index\":" + std::to_string(block.output_index);
  if (!index_name.empty()) {
    block.place += ",\"";
    block.place += index_name;
    block.place += "\":" + std::to_string(index);
  }
}

void Encoder::write_delta(std::string_view name, const Block& block, std::string_view text,
                          std::string_view end, std::string& out) {
  open_event(name, out);
  out += block.place;
  out += ",\"delta\":";
  json::append_quoted(out, text);
  out += end;
  close_event(out);
}

Encoder::Block* Encoder::find(int index) {
  const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                  [&](const Block& block) { return block.start.index == index; });
  return found == open_.rend() ? nullptr : &*found;
}

// The provider's id, or one that is unlike those of other answers and of this one.
std::string Encoder::item_id(std::string_view prefix, const ir::BlockStart& start) {
  constexpr std::size_t longest = 64;
  // Parts of one item arrive as blocks of one id; here each is an item of its own.
  const bool fits = !start.id.empty() && start.id.size() <= longest;
  if (fits && ids_.insert(start.id).second) return start.id;
  std::string tail;
  for (const char c : id_) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    tail += plain ? c : '_';
  }
  constexpr std::size_t room = 48;
  if (tail.size() > room) tail.erase(0, tail.size() - room);
  // A provider may name its items as we do.
  for (next_id_ = std::max(next_id_, next_output_);; ++next_id_) {
    const auto [made, fresh] =
        ids_.insert(std::string(prefix) + tail + "_" + std::to_string(next_id_));
    if (fresh) return *made;
  }
}

void Encoder::on(const ir::Started& started, std::string& out) { ensure_created(started.id, out); }

void Encoder::on(const ir::BlockStart& start, std::string& out) {
  ensure_created({}, out);
  Block& block = open_.emplace_back();
  block.start = start;
  const bool custom = start.tool == ir::ToolKind::custom;
  block.id = item_id(is_text(start.kind)                      ? "msg_"
                     : start.kind == ir::BlockKind::reasoning ? "rs_"
                     : custom                                 ? "ctc_"
                                                              : "fc_",
                     start);
  block.output_index = next_output_++;
  open_event("response.output_item.added", out);
  out += ",\"output_index\":" + std::to_string(block.output_index) + ",\"item\":";
  write_item(block, false, out);
  close_event(out);
  if (is_text(start.kind)) {
    write_place(block, "content_index", 0);
    open_event("response.content_part.added", out);
    out += block.place;
    out += R"(,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})";
    close_event(out);
  } else if (start.kind == ir::BlockKind::tool_call) {
    write_place(block, {}, 0);
  }
}

void Encoder::on(const ir::Delta& delta, std::string& out) {
  Block* block = find(delta.index);
  if (block == nullptr || delta.text.empty()) return;
  switch (block->start.kind) {
    case ir::BlockKind::text:
    case ir::BlockKind::refusal:
      block->text += delta.text;
      write_delta(text_delta, *block, delta.text, ",\"logprobs\":[]", out);
      return;
    case ir::BlockKind::tool_call:
      block->text += delta.text;
      write_delta(block->start.tool == ir::ToolKind::custom ? input_delta : arguments_delta, *block,
                  delta.text, {}, out);
      return;
    case ir::BlockKind::reasoning: break;
  }
  // Raw reasoning reaches the user only as a summary, unless the provider wrote one.
  if (!block->raw && (block->summary.empty() || block->part == -1)) {
    show_summary(*block, -1, delta.text, out);
    return;
  }
  close_summary(*block, out);
  if (!block->raw) {
    block->raw = true;
    write_place(*block, "content_index", 0);
  }
  block->text += delta.text;
  write_delta(reasoning_delta, *block, delta.text, {}, out);
}

void Encoder::on(const ir::SummaryDelta& delta, std::string& out) {
  Block* block = find(delta.index);
  if (block == nullptr || block->start.kind != ir::BlockKind::reasoning) return;
  show_summary(*block, delta.part, delta.text, out);
}

void Encoder::show_summary(Block& block, int part, std::string_view text, std::string& out) {
  if (block.summed && block.part != part) close_summary(block, out);
  if (!block.summed) {
    block.summed = true;
    block.part = part;
    block.summary.emplace_back();
    write_place(block, "summary_index", block.summary.size() - 1);
    open_event("response.reasoning_summary_part.added", out);
    out += block.place;
    out += R"(,"part":{"type":"summary_text","text":""})";
    close_event(out);
  }
  if (text.empty()) return;
  block.summary.back() += text;
  write_delta(summary_delta, block, text, {}, out);
}

void Encoder::close_summary(Block& block, std::string& out) {
  if (!block.summed) return;
  block.summed = false;
  open_event("response.reasoning_summary_text.done", out);
  out += block.place;
  out += ",\"text\":";
  json::append_quoted(out, block.summary.back());
  close_event(out);
  open_event("response.reasoning_summary_part.done", out);
  out += block.place;
  out += ",\"part\":{\"type\":\"summary_text\",\"text\":";
  json::append_quoted(out, block.summary.back());
  out += '}';
  close_event(out);
  // Deltas of `content`, if any follow, have another place.
  if (block.raw) write_place(block, "content_index", 0);
}

void Encoder::on(const ir::BlockEnd& end, std::string& out) {
  Block* block = find(end.index);
  if (block == nullptr) return;
  finish_block(*block, out);
  open_.erase(open_.begin() + (block - open_.data()));
}

void Encoder::finish_block(Block& block, std::string& out) {
  const auto say_done = [&](std::string_view name, std::string_view member, std::string_view end) {
    open_event(name, out);
    out += block.place;
    out += member;
    json::append_quoted(out, block.text);
    out += end;
    close_event(out);
  };
  if (is_text(block.start.kind)) {
    say_done("response.output_text.done", ",\"text\":", ",\"logprobs\":[]");
    say_done("response.content_part.done", ",\"part\":{\"type\":\"output_text\",\"text\":",
             ",\"annotations\":[],\"logprobs\":[]}");
  } else if (block.start.kind == ir::BlockKind::tool_call) {
    if (block.start.tool == ir::ToolKind::custom) {
      say_done("response.custom_tool_call_input.done", ",\"input\":", {});
    } else {
      say_done("response.function_call_arguments.done", ",\"arguments\":", {});
    }
  } else {
    close_summary(block, out);
    if (block.raw) say_done("response.reasoning_text.done", ",\"text\":", {});
  }
  const auto at = static_cast<std::size_t>(block.output_index);
  if (output_.size() <= at) output_.resize(at + 1);
  write_item(block, true, output_[at]);
  open_event("response.output_item.done", out);
  out += ",\"output_index\":" + std::to_string(block.output_index) + ",\"item\":";
  out += output_[at];
  close_event(out);
}

void Encoder::on(const ir::Finished& finished, std::string& out) {
  ensure_created({}, out);
  const bool filtered = finished.reason == ir::Finish::content_filter;
  if (filtered && output_.empty() && open_.empty()) {
    ir::Failure failure;
    failure.kind = ir::Failure::Kind::refused;
    failure.message = "The provider's content filter stopped the answer before its first word.";
    on(ir::Failed{std::move(failure)}, out);
    return;
  }
  for (Block& block : open_) finish_block(block, out);
  open_.clear();
  done_ = true;
  const std::string_view incomplete = finished.reason == ir::Finish::length ? "max_output_tokens"
                                      : filtered                            ? "content_filter"
                                                                            : "";
  write_response(incomplete.empty() ? "completed" : "incomplete", incomplete, finished.usage,
                 response_);
  open_event("response.completed", out);
  out += ",\"response\":";
  out += response_;
  close_event(out);
}

void Encoder::on(const ir::Failed& failed, std::string& out) {
  ensure_created({}, out);
  done_ = failed_ = true;
  const Told told =
      tell(failed.failure, context_.begun || adopted_ || next_output_ > 0, context_.told_wait);
  response_ = "{\"id\":";
  json::append_quoted(response_, id_);
  response_ += ",\"object\":\"response\",\"created_at\":" + std::to_string(context_.created_at);
  response_ += ",\"status\":\"failed\",\"model\":";
  json::append_quoted(response_, context_.model);
  response_ += ",\"output\":" + output_json() + ",\"error\":{\"code\":";
  json::append_quoted(response_, told.code);
  response_ += ",\"message\":";
  json::append_quoted(response_, told.message);
  response_ += "},\"incomplete_details\":null,\"usage\":null}";
  open_event("response.failed", out);
  out += ",\"response\":" + response_;
  close_event(out);
}

}  // namespace tpool::protocol::responses
