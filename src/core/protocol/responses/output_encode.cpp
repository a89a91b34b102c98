#include "core/json/write.hpp"
#include "core/protocol/responses/events_encode.hpp"
#include "core/protocol/responses/usage.hpp"
#include "core/protocol/seal.hpp"

namespace tpool::protocol::responses {

void Encoder::on(const ir::Sealed& sealed, std::string&) {
  Block* block = find(sealed.index);
  if (block == nullptr) return;
  ir::Opaque opaque = sealed.opaque;
  if (opaque.provider.empty()) {
    opaque.provider = context_.provider;
    opaque.model = context_.upstream_model;
  }
  block->encrypted = opaque.provider.empty() ? opaque.data : seal(opaque);
}

void Encoder::write_item(const Block& block, bool done, std::string& out) const {
  const ir::BlockStart& start = block.start;
  const std::string_view status = done ? "completed" : "in_progress";
  json::Writer writer(out);
  writer.begin_object().member("id", block.id);
  switch (start.kind) {
    case ir::BlockKind::text:
    case ir::BlockKind::refusal:
      writer.member("type", "message").member("status", status).member("role", "assistant");
      if (!start.phase.empty()) writer.member("phase", start.phase);
      writer.key("content").begin_array();
      if (done) {
        writer.begin_object().member("type", "output_text").member("text", block.text);
        writer.key("annotations").raw("[]").key("logprobs").raw("[]").end_object();
      }
      writer.end_array();
      break;
    case ir::BlockKind::reasoning:
      writer.member("type", "reasoning").key("summary").begin_array();
      for (const std::string& text : block.summary) {
        writer.begin_object().member("type", "summary_text").member("text", text).end_object();
      }
      writer.end_array();
      if (block.raw) {
        writer.key("content").begin_array().begin_object();
        writer.member("type", "reasoning_text").member("text", block.text);
        writer.end_object().end_array();
      }
      // Where nobody sealed it the label alone says whose it is: others have no store for its id.
      if (!block.encrypted.empty()) {
        writer.member("encrypted_content", block.encrypted);
      } else if (done && !context_.provider.empty()) {
        writer.member("encrypted_content", seal_prefix(context_.provider, context_.upstream_model));
      }
      break;
    case ir::BlockKind::tool_call: {
      const bool custom = start.tool == ir::ToolKind::custom;
      writer.member("type", custom ? "custom_tool_call" : "function_call");
      writer.member("status", status).member("call_id", start.call_id);
      writer.member("name", start.name);
      if (!start.space.empty()) writer.member("namespace", start.space);
      writer.member(custom ? "input" : "arguments", block.text);
      break;
    }
  }
  writer.end_object();
}

std::string Encoder::output_json() const {
  std::string out = "[";
  for (const std::string& item : output_) {
    if (item.empty()) continue;
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out += ']';
}

void Encoder::write_response(std::string_view status, std::string_view incomplete,
                             const std::optional<ir::Usage>& usage, std::string& out) const {
  json::Writer writer(out);
  writer.begin_object().member("id", id_).member("object", "response");
  writer.member("created_at", context_.created_at).member("status", status);
  writer.key("completed_at").null();
  writer.key("error").null().key("incomplete_details");
  if (incomplete.empty()) {
    writer.null();
  } else {
    writer.begin_object().member("reason", incomplete).end_object();
  }
  writer.member("model", context_.model);
  writer.key("output").raw(status == "in_progress" ? "[]" : output_json());
  writer.key("usage");
  if (usage) {
    write_usage(writer, *usage);
  } else {
    writer.null();
  }
  writer.end_object();
  out.pop_back();
  write_settings(out);
  out += '}';
}

// One code path: the whole answer is what its stream ends with.
std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) {
  Encoder encoder(context);
  std::string stream;
  for (const ir::Event& event : ir::unfold(answer)) {
    stream.clear();
    encoder.write(event, stream);
  }
  if (context.compact_reply && !encoder.failed()) return encoder.take_compacted(answer.usage);
  return encoder.take_response();
}

}  // namespace tpool::protocol::responses
