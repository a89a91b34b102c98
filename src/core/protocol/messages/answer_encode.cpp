#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/messages/events_encode.hpp"
#include "core/protocol/messages/usage.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

namespace {

void write_thinking(json::Writer& writer, const ir::Reasoning& reasoning,
                    const ReplyContext& context) {
  std::string text;
  for (std::size_t i = 0; i < reasoning.summary.size(); ++i) {
    if (i > 0) text += "\n\n";
    text += reasoning.summary[i];
  }
  if (reasoning.summary.empty()) text = reasoning.text;
  if (text.empty() && !reasoning.opaque) return;
  const Held held = held_of(reasoning.opaque, context);
  if (text.empty() && held.text.empty()) return;
  writer.begin_object();
  if (held.redacted && text.empty()) {
    writer.member("type", "redacted_thinking").member("data", held.text);
  } else {
    writer.member("type", "thinking").member("thinking", text).member("signature", held.text);
  }
  writer.end_object();
}

void write_call(json::Writer& writer, const ir::ToolCall& call) {
  writer.begin_object().member("type", "tool_use").member("id", call.call_id);
  writer.member("name", call.name).key("input");
  const auto parsed = json::Document::parse(call.input.empty() ? "{}" : call.input, "arguments");
  if (call.kind == ir::ToolKind::function && parsed && parsed->root().is_object()) {
    writer.raw(parsed->root().text());
  } else {
    // An object is all the protocol has; the text is kept in one.
    writer.raw(wrap_input(call.input));
  }
  writer.end_object();
}

}  // namespace

std::string encode_answer(const ir::Answer& answer, const ReplyContext& context) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("id", answer.id.empty() ? context.answer_id : answer.id);
  writer.member("type", "message").member("role", "assistant").member("model", context.model);
  writer.key("content").begin_array();
  for (const ir::Item& item : answer.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      for (const ir::Part& part : message->parts) {
        const auto* text = std::get_if<ir::Text>(&part.value);
        const auto* refusal = std::get_if<ir::Refusal>(&part.value);
        if (text == nullptr && refusal == nullptr) continue;
        writer.begin_object().member("type", "text");
        writer.member("text", text != nullptr ? text->text : refusal->text).end_object();
      }
    } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
      write_thinking(writer, *reasoning, context);
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      write_call(writer, *call);
    }
  }
  writer.end_array();
  writer.member("stop_reason", spelled(answer.finish, !answer.stop_sequence.empty()));
  writer.key("stop_sequence");
  if (answer.stop_sequence.empty()) {
    writer.null();
  } else {
    writer.string(answer.stop_sequence);
  }
  writer.key("usage");
  if (answer.usage) {
    write_usage(writer, *answer.usage);
  } else {
    writer.raw(R"({"input_tokens":null,"output_tokens":null})");
  }
  writer.end_object();
  return out;
}

}  // namespace tpool::protocol::messages
