#include "core/protocol/chat/events_encode.hpp"

#include <algorithm>

#include "core/json/write.hpp"
#include "core/protocol/chat/errors.hpp"
#include "core/protocol/chat/usage.hpp"

namespace tpool::protocol::chat {

namespace {

std::string answer_id(std::string_view id, const ReplyContext& context) {
  if (!id.empty()) return std::string(id);
  return context.answer_id.empty() ? "chatcmpl-0" : context.answer_id;
}

}  // namespace

std::string_view spelled(ir::Finish finish, bool legacy_calls) {
  switch (finish) {
    case ir::Finish::tool_calls: return legacy_calls ? "function_call" : "tool_calls";
    case ir::Finish::length: return "length";
    case ir::Finish::content_filter: return "content_filter";
    case ir::Finish::stop:
    case ir::Finish::pause:
    case ir::Finish::other: break;
  }
  return "stop";
}

void Encoder::write(const ir::Event& event, std::string& out) {
  if (done_) return;
  std::visit([&](const auto& one) { on(one, out); }, event);
}

void Encoder::heartbeat(std::string& out) {
  if (done_) return;
  // Every chunk names its answer, which is not known before the first one.
  if (!started_) {
    out += ": waiting\n\n";
    return;
  }
  open_chunk(out);
  close_chunk({}, out);
}

void Encoder::open_chunk(std::string& out) const { out += head_; }

void Encoder::close_chunk(std::string_view finish, std::string& out) const {
  out += "},\"logprobs\":null,\"finish_reason\":";
  if (finish.empty()) {
    out += "null";
  } else {
    json::append_quoted(out, finish);
  }
  out += context_.usage_wanted ? "}],\"usage\":null}\n\n" : "}]}\n\n";
}

void Encoder::ensure_started(std::string_view id, std::string& out) {
  if (started_) return;
  started_ = true;
  head_ = "data: {\"id\":";
  json::append_quoted(head_, answer_id(id, context_));
  head_ += ",\"object\":\"chat.completion.chunk\",\"created\":";
  head_ += std::to_string(context_.created_at);
  head_ += ",\"model\":";
  json::append_quoted(head_, context_.model);
  head_ += ",\"choices\":[{\"index\":0,\"delta\":{";
  open_chunk(out);
  out += R"("role":"assistant","content":"")";
  close_chunk({}, out);
}

void Encoder::write_text(std::string_view member, std::string_view text, std::string& out) const {
  open_chunk(out);
  out += '"';
  out += member;
  out += "\":";
  json::append_quoted(out, text);
  close_chunk({}, out);
}

Encoder::Block* Encoder::find(int index) {
  const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                  [&](const Block& block) { return block.index == index; });
  return found == open_.rend() ? nullptr : &*found;
}

void Encoder::on(const ir::Started& started, std::string& out) { ensure_started(started.id, out); }

void Encoder::on(const ir::BlockStart& start, std::string& out) {
  ensure_started({}, out);
  Block block{start.index, start.kind, start.tool};
  if (start.kind == ir::BlockKind::tool_call) {
    block.call = next_call_++;
    start_call(start, block, out);
  }
  open_.push_back(block);
}

void Encoder::start_call(const ir::BlockStart& start, const Block& block, std::string& out) const {
  if (context_.legacy_calls) {
    if (block.call > 0) return;
    open_chunk(out);
    out += "\"function_call\":{\"name\":";
    json::append_quoted(out, start.name);
    out += R"(,"arguments":""})";
    close_chunk({}, out);
    return;
  }
  const bool custom = start.tool == ir::ToolKind::custom;
  open_chunk(out);
  out += "\"tool_calls\":[{\"index\":" + std::to_string(block.call) + ",\"id\":";
  json::append_quoted(out, start.call_id);
  out += custom ? R"(,"type":"custom","custom":{"name":)"
                : R"(,"type":"function","function":{"name":)";
  json::append_quoted(out, start.name);
  out += custom ? R"(,"input":""}}])" : R"(,"arguments":""}}])";
  close_chunk({}, out);
}

void Encoder::on(const ir::Delta& delta, std::string& out) {
  Block* block = find(delta.index);
  if (block == nullptr || delta.text.empty()) return;
  switch (block->kind) {
    case ir::BlockKind::text: write_text("content", delta.text, out); return;
    case ir::BlockKind::refusal: write_text("refusal", delta.text, out); return;
    case ir::BlockKind::reasoning:
      // A provider that gives both gives the same thoughts twice; the summary is enough.
      if (block->spoke && block->part >= 0) return;
      block->spoke = true;
      block->part = -1;
      write_text("reasoning_content", delta.text, out);
      return;
    case ir::BlockKind::tool_call: break;
  }
  if (context_.legacy_calls) {
    if (block->call > 0) return;
    open_chunk(out);
    out += "\"function_call\":{\"arguments\":";
    json::append_quoted(out, delta.text);
    out += '}';
    close_chunk({}, out);
    return;
  }
  open_chunk(out);
  out += "\"tool_calls\":[{\"index\":" + std::to_string(block->call);
  out += block->tool == ir::ToolKind::custom ? R"(,"custom":{"input":)"
                                             : R"(,"function":{"arguments":)";
  json::append_quoted(out, delta.text);
  out += "}}]";
  close_chunk({}, out);
}

void Encoder::on(const ir::SummaryDelta& delta, std::string& out) {
  Block* block = find(delta.index);
  if (block == nullptr || delta.text.empty()) return;
  if (block->spoke && block->part != delta.part) write_text("reasoning_content", "\n\n", out);
  block->spoke = true;
  block->part = delta.part;
  write_text("reasoning_content", delta.text, out);
}

void Encoder::on(const ir::BlockEnd& end, std::string&) {
  std::erase_if(open_, [&](const Block& block) { return block.index == end.index; });
}

void Encoder::on(const ir::Finished& finished, std::string& out) {
  ensure_started({}, out);
  done_ = true;
  open_chunk(out);
  close_chunk(spelled(finished.reason, context_.legacy_calls), out);
  if (context_.usage_wanted && finished.usage) {
    constexpr std::string_view tail = "{\"index\":0,\"delta\":{";
    out.append(head_, 0, head_.size() - tail.size());
    out += "],\"usage\":";
    json::Writer writer(out);
    write_usage(writer, *finished.usage);
    out += "}\n\n";
  }
  out += "data: [DONE]\n\n";
}

void Encoder::on(const ir::Failed& failed, std::string& out) {
  done_ = true;
  append_event(out, {}, encode_error(failed.failure).body);
}

std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) {
  std::string text;
  std::string refusal;
  std::string reasoning;
  std::vector<const ir::ToolCall*> calls;
  for (const ir::Item& item : answer.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      for (const ir::Part& part : message->parts) {
        if (const auto* piece = std::get_if<ir::Text>(&part.value)) text += piece->text;
        if (const auto* piece = std::get_if<ir::Refusal>(&part.value)) refusal += piece->text;
      }
    } else if (const auto* thought = std::get_if<ir::Reasoning>(&item.value)) {
      for (std::size_t i = 0; i < thought->summary.size(); ++i) {
        if (i > 0) reasoning += "\n\n";
        reasoning += thought->summary[i];
      }
      if (thought->summary.empty()) reasoning += thought->text;
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      calls.push_back(call);
    }
  }
  std::string out;
  json::Writer writer(out);
  const auto text_or_null = [&](std::string_view name, const std::string& value, bool empty_ok) {
    writer.key(name);
    if (value.empty() && !empty_ok) {
      writer.null();
    } else {
      writer.string(value);
    }
  };
  writer.begin_object().member("id", answer_id(answer.id, context));
  writer.member("object", "chat.completion").member("created", context.created_at);
  writer.member("model", context.model).key("choices").begin_array().begin_object();
  writer.member("index", 0).key("message").begin_object().member("role", "assistant");
  text_or_null("content", text, calls.empty() && refusal.empty());
  text_or_null("refusal", refusal, false);
  if (!reasoning.empty()) writer.member("reasoning_content", reasoning);
  if (!calls.empty() && context.legacy_calls) {
    writer.key("function_call").begin_object().member("name", calls.front()->name);
    writer.member("arguments", calls.front()->input).end_object();
  } else if (!calls.empty()) {
    writer.key("tool_calls").begin_array();
    for (const ir::ToolCall* call : calls) {
      const bool custom = call->kind == ir::ToolKind::custom;
      const std::string_view kind = custom ? "custom" : "function";
      writer.begin_object().member("id", call->call_id).member("type", kind);
      writer.key(kind).begin_object().member("name", call->name);
      writer.member(custom ? "input" : "arguments", call->input).end_object().end_object();
    }
    writer.end_array();
  }
  writer.end_object().key("logprobs").null();
  writer.member("finish_reason", spelled(answer.finish, context.legacy_calls))
      .end_object()
      .end_array();
  if (answer.usage) {
    writer.key("usage");
    write_usage(writer, *answer.usage);
  }
  writer.end_object();
  return out;
}

}  // namespace tpool::protocol::chat
