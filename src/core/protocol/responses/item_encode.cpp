#include "core/protocol/responses/request.hpp"
#include "core/protocol/rounds.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::responses {

namespace {

constexpr Protocol own = Protocol::responses;

std::string_view spelled(ir::Role role) {
  switch (role) {
    case ir::Role::system: return "system";
    case ir::Role::developer: return "developer";
    case ir::Role::assistant: return "assistant";
    case ir::Role::user: break;
  }
  return "user";
}

}  // namespace

void ItemEncoder::lose(std::string field, ir::Loss::Action action, std::string where) {
  ir::add_loss(encoded.losses, std::move(field), action, std::move(where));
}

std::string ItemEncoder::id_of(const std::string& call_id) const {
  constexpr std::size_t longest = 64;
  return fitted_id(call_id, target.dialect.tool_id_max == 0 ? longest : target.dialect.tool_id_max);
}

bool ItemEncoder::wrapped(ir::ToolKind kind) const {
  return kind == ir::ToolKind::custom && !target.dialect.responses_custom_tools;
}

void ItemEncoder::write_part(json::Writer& writer, const ir::Part& part, bool assistant) {
  if (const ir::Extra* whole = unknown_part(part)) {
    if (whole->protocol == own) {
      writer.raw(whole->json);
    } else {
      refuse_part(encoded.losses, *whole);
    }
    return;
  }
  if (const auto* image = std::get_if<ir::Image>(&part.value);
      image != nullptr && !target.dialect.images) {
    lose("images", ir::Loss::Action::dropped);
    writer.begin_object().member("type", assistant ? "output_text" : "input_text");
    writer.member("text", no_image).end_object();
    return;
  }
  writer.begin_object();
  if (const auto* text = std::get_if<ir::Text>(&part.value)) {
    writer.member("type", assistant ? "output_text" : "input_text").member("text", text->text);
  } else if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) {
    writer.member("type", assistant ? "refusal" : "input_text");
    writer.member(assistant ? "refusal" : "text", refusal->text);
  } else if (const auto* image = std::get_if<ir::Image>(&part.value)) {
    writer.member("type", "input_image").member("image_url", image->url);
    if (!image->detail.empty()) writer.member("detail", image->detail);
  } else if (const auto* file = std::get_if<ir::File>(&part.value)) {
    writer.member("type", "input_file");
    if (!file->id.empty()) writer.member("file_id", file->id);
    if (!file->url.empty()) {
      writer.member(file->url.starts_with("http") ? "file_url" : "file_data", file->url);
    }
    if (!file->name.empty()) writer.member("filename", file->name);
  } else if (const auto* audio = std::get_if<ir::Audio>(&part.value)) {
    writer.member("type", "input_audio").key("input_audio").begin_object();
    writer.member("data", audio->data).member("format", audio->format).end_object();
  }
  write_extras(writer, part.extras, own);
  writer.end_object();
}

void ItemEncoder::write_message(json::Writer& writer, const ir::Message& message,
                                const ir::Extras& extras) {
  count_foreign_extras(extras, own, encoded.losses);
  if (message.parts.empty()) return;
  writer.begin_object().member("type", "message");
  if (!message.id.empty()) writer.member("id", message.id);
  writer.member("role", spelled(message.role));
  if (!message.phase.empty()) writer.member("phase", message.phase);
  writer.key("content").begin_array();
  for (const ir::Part& part : message.parts) {
    write_part(writer, part, message.role == ir::Role::assistant);
  }
  writer.end_array();
  write_extras(writer, extras, own);
  writer.end_object();
}

void ItemEncoder::write_reasoning(json::Writer& writer, const ir::Reasoning& reasoning,
                                  std::size_t at) {
  const auto& opaque = reasoning.opaque;
  // What came from before tpool says no origin; it is passed on as it is.
  const bool ours = !opaque || opaque->provider.empty() ||
                    (opaque->provider == target.provider && opaque->model == target.model);
  // Chat's sealed reasoning is a JSON object and never this protocol's encrypted content.
  const bool native = ours && !(opaque && opaque->data.starts_with('{'));
  // A label alone seals nothing.
  const bool sealed = opaque && !opaque->data.empty();
  const bool replay = native && sealed;
  if (sealed && !replay) {
    lose("reasoning.encrypted_content", ir::Loss::Action::dropped, "item " + std::to_string(at));
  }
  if (!replay && reasoning.summary.empty() && reasoning.text.empty()) return;
  writer.begin_object().member("type", "reasoning");
  // An id without its content is looked up in a store where it is not.
  if (replay && !reasoning.id.empty()) writer.member("id", reasoning.id);
  writer.key("summary").begin_array();
  for (const std::string& text : reasoning.summary) {
    writer.begin_object().member("type", "summary_text").member("text", text).end_object();
  }
  // Raw reasoning is taken from its own maker alone.
  if (!native && reasoning.summary.empty()) {
    writer.begin_object().member("type", "summary_text").member("text", reasoning.text);
    writer.end_object();
  }
  writer.end_array();
  if (!reasoning.text.empty() && native) {
    writer.key("content").begin_array().begin_object();
    writer.member("type", "reasoning_text").member("text", reasoning.text);
    writer.end_object().end_array();
  }
  if (replay) writer.member("encrypted_content", opaque->data);
  writer.end_object();
}

void ItemEncoder::write_call(json::Writer& writer, const ir::ToolCall& call) {
  const bool custom = call.kind == ir::ToolKind::custom && !wrapped(call.kind);
  writer.begin_object().member("type", custom ? "custom_tool_call" : "function_call");
  if (!call.id.empty() && !wrapped(call.kind)) writer.member("id", call.id);
  writer.member("call_id", id_of(call.call_id));
  if (flat) {
    writer.member("name", encoded.names.wire(call.space, call.name));
  } else {
    writer.member("name", call.name);
    if (!call.space.empty()) writer.member("namespace", call.space);
  }
  if (custom) {
    writer.member("input", call.input);
  } else {
    writer.member("arguments", wrapped(call.kind) ? wrap_input(call.input) : call.input);
  }
  writer.end_object();
}

void ItemEncoder::write_result(json::Writer& writer, const ir::ToolResult& result) {
  const bool custom = result.kind == ir::ToolKind::custom && !wrapped(result.kind);
  writer.begin_object().member("type", custom ? "custom_tool_call_output" : "function_call_output");
  if (!result.id.empty() && !wrapped(result.kind)) writer.member("id", result.id);
  writer.member("call_id", id_of(result.call_id)).key("output");
  const auto* only = result.parts.size() == 1 && result.parts[0].extras.empty()
                         ? std::get_if<ir::Text>(&result.parts[0].value)
                         : nullptr;
  if (result.failed) lose("items.tool_result.failed", ir::Loss::Action::approximated);
  if (only != nullptr && result.failed) {
    writer.string(std::string(tool_failed) + "\n" + only->text);
  } else if (only != nullptr) {
    writer.string(only->text);
  } else if (result.parts.empty()) {
    writer.string(result.failed ? tool_failed : "");
  } else {
    writer.begin_array();
    if (result.failed) {
      writer.begin_object().member("type", "input_text").member("text", tool_failed).end_object();
    }
    for (const ir::Part& part : result.parts) write_part(writer, part, false);
    writer.end_array();
  }
  writer.end_object();
}

void ItemEncoder::write_orphan(json::Writer& writer, const ir::ToolResult& result) {
  writer.begin_object().member("type", "message").member("role", "user");
  writer.key("content").begin_array();
  writer.begin_object().member("type", "input_text").member("text", orphan_heading(result));
  writer.end_object();
  for (const ir::Part& part : result.parts) write_part(writer, part, false);
  writer.end_array().end_object();
}

bool ItemEncoder::alone(std::size_t at) const { return !match.empty() && match[at] == no_match; }

void ItemEncoder::write_item(json::Writer& writer, const ir::Item& item, std::size_t at) {
  const auto lose_result = [&] {
    lose("items.tool_result", ir::Loss::Action::approximated, "item " + std::to_string(at));
  };
  if (const auto* message = std::get_if<ir::Message>(&item.value)) {
    write_message(writer, *message, item.extras);
  } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
    write_reasoning(writer, *reasoning, at);
  } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
    write_call(writer, *call);
    if (!alone(at)) return;
    lose_result();
    write_result(writer, {call->kind, call->call_id, {{ir::Text{std::string(no_result)}}}});
  } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
    if (!alone(at)) return write_result(writer, *result);
    lose_result();
    write_orphan(writer, *result);
  } else if (const auto* unknown = std::get_if<ir::Unknown>(&item.value)) {
    const bool theirs = unknown->maker.empty() || unknown->maker == target.provider;
    if (unknown->protocol == own && theirs) {
      writer.raw(unknown->json);
    } else {
      lose_named(encoded.losses, "items.", unknown->type,
                 unknown->vital ? ir::Loss::Action::refused : ir::Loss::Action::dropped,
                 "item " + std::to_string(at));
    }
  }
}

}  // namespace tpool::protocol::responses
