#include "core/protocol/messages/blocks.hpp"

#include "core/json/value.hpp"
#include "core/protocol/data_url.hpp"
#include "core/protocol/fields.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/messages/thinking.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/seal.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;

void write_source(json::Writer& writer, std::string_view type, const DataUrl& data) {
  writer.begin_object().member("type", type);
  writer.key("source").begin_object().member("type", "base64");
  writer.member("media_type", data.media_type).member("data", data.data).end_object();
}

// The block whole, where the part's words stand for one.
const ir::Extra* tool_reference(const ir::Part& part) {
  for (const ir::Extra& extra : part.extras) {
    if (extra.protocol == own && extra.name == "tool_reference") return &extra;
  }
  return nullptr;
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

Block text_block(std::string_view text) {
  Block block;
  json::Writer writer(block.json);
  writer.begin_object().member("type", "text").member("text", text).end_object();
  return block;
}

void BlockMaker::lose(std::string field, Action action, std::size_t item) const {
  ir::add_loss(encoded.losses, std::move(field), action,
               item == nowhere ? std::string() : "item " + std::to_string(item));
}

void BlockMaker::add_image(const ir::Image& image, std::vector<Block>& out) const {
  if (!target.dialect.images) {
    lose("images", Action::dropped);
    out.push_back(text_block(no_image));
    return;
  }
  if (!image.detail.empty() && image.detail != "auto" && image.detail != "high" &&
      image.detail != "original") {
    lose("images.detail", Action::dropped);
  }
  Block block{Block::Kind::other, {}};
  json::Writer writer(block.json);
  if (const auto data = read_data_url(image.url)) {
    const std::string_view media =
        data->media_type == "image/jpg" ? "image/jpeg" : data->media_type;
    if (media != "image/jpeg" && media != "image/png" && media != "image/gif" &&
        media != "image/webp") {
      lose("images", Action::dropped);
      out.push_back(text_block("[An image was here, of a kind this model does not take.]"));
      return;
    }
    write_source(writer, "image", {media, data->data});
    writer.end_object();
  } else {
    writer.begin_object().member("type", "image").key("source").begin_object();
    writer.member("type", "url").member("url", image.url).end_object().end_object();
  }
  out.push_back(std::move(block));
}

void BlockMaker::add_file(const ir::File& file, const ir::Extras& extras,
                          std::vector<Block>& out) const {
  Block block{Block::Kind::other, {}};
  json::Writer writer(block.json);
  const auto data = read_data_url(file.url);
  if (data && data->media_type == "application/pdf") {
    write_source(writer, "document", *data);
  } else if (file.url.starts_with("http")) {
    writer.begin_object().member("type", "document").key("source").begin_object();
    writer.member("type", "url").member("url", file.url).end_object();
  } else if (!file.id.empty()) {
    // An id says nothing to anybody but the provider that has the file.
    lose("files.id", Action::refused);
    return;
  } else {
    lose("files", Action::refused);
    return;
  }
  if (!file.name.empty()) writer.member("title", file.name);
  write_extras(writer, extras, own);
  writer.end_object();
  out.push_back(std::move(block));
}

void BlockMaker::add_part(const ir::Part& part, std::vector<Block>& out) const {
  if (const ir::Extra* whole = unknown_part(part)) {
    if (whole->protocol == own) {
      out.push_back({Block::Kind::other, whole->json});
    } else {
      refuse_part(encoded.losses, *whole);
    }
    return;
  }
  if (const ir::Extra* reference = tool_reference(part)) {
    out.push_back({Block::Kind::other, reference->json});
  } else if (const auto* text = std::get_if<ir::Text>(&part.value)) {
    if (is_blank(text->text)) return;
    Block block;
    json::Writer writer(block.json);
    writer.begin_object().member("type", "text").member("text", text->text);
    write_extras(writer, part.extras, own);
    writer.end_object();
    out.push_back(std::move(block));
  } else if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) {
    if (!is_blank(refusal->text)) out.push_back(text_block(refusal->text));
  } else if (const auto* image = std::get_if<ir::Image>(&part.value)) {
    add_image(*image, out);
  } else if (const auto* file = std::get_if<ir::File>(&part.value)) {
    add_file(*file, part.extras, out);
  } else {
    lose("audio", Action::dropped);
  }
}

void BlockMaker::add_parts(const std::vector<ir::Part>& parts, std::vector<Block>& out) const {
  for (const ir::Part& part : parts) {
    const std::size_t before = out.size();
    add_part(part, out);
    if (out.size() > before) out.back().mark = part.cache_mark;
  }
}

std::string BlockMaker::words_of(const std::vector<ir::Part>& parts) const {
  std::string out;
  for (const ir::Part& part : parts) {
    const auto* text = std::get_if<ir::Text>(&part.value);
    if (text == nullptr || unknown_part(part) != nullptr) {
      lose("content", Action::dropped);
    } else {
      if (!out.empty() && !text->text.empty()) out += "\n\n";
      out += text->text;
    }
  }
  return out;
}

Block BlockMaker::call(const ir::ToolCall& call, const std::string& id) const {
  Block block{Block::Kind::call, {}};
  json::Writer writer(block.json);
  writer.begin_object().member("type", "tool_use").member("id", id);
  writer.member("name", encoded.names.wire(call.space, call.name)).key("input");
  if (call.kind == ir::ToolKind::custom) {
    writer.raw(wrap_input(call.input));
  } else {
    const auto parsed = json::Document::parse(call.input.empty() ? "{}" : call.input, "arguments");
    if (parsed && parsed->root().is_object()) {
      writer.raw(parsed->root().text());
    } else {
      // The protocol takes objects only; what the model wrote is kept as a string in one.
      lose("items.tool_call.arguments", Action::approximated);
      writer.raw(wrap_input(call.input));
    }
  }
  writer.end_object();
  return block;
}

Block BlockMaker::result(const ir::ToolResult& result, const std::string& id) const {
  Block block{Block::Kind::result, {}};
  std::vector<Block> content;
  add_parts(result.parts, content);
  json::Writer writer(block.json);
  writer.begin_object().member("type", "tool_result").member("tool_use_id", id);
  const auto* only = result.parts.size() == 1 && unknown_part(result.parts[0]) == nullptr &&
                             tool_reference(result.parts[0]) == nullptr
                         ? std::get_if<ir::Text>(&result.parts[0].value)
                         : nullptr;
  if (only != nullptr && !result.parts[0].cache_mark) {
    writer.member("content", only->text);
  } else if (content.empty()) {
    writer.member("content", "");
  } else {
    writer.key("content").begin_array();
    for (Block& one : content) {
      // A breakpoint inside a result counts as one of the whole.
      if (one.mark) block.mark = std::move(one.mark);
      writer.raw(one.json);
    }
    writer.end_array();
  }
  if (result.failed) writer.member("is_error", true);
  writer.end_object();
  return block;
}

std::optional<Block> BlockMaker::thinking(const ir::Reasoning& reasoning, std::size_t at) const {
  const auto& opaque = reasoning.opaque;
  // What came from before tpool says no origin; it is passed on as it is.
  const bool ours = opaque && !is_token(*opaque) &&
                    (opaque->provider.empty() ||
                     (opaque->provider == target.provider && opaque->model == target.model));
  const auto thought = ours ? open_thought(opaque->data) : std::nullopt;
  if (!thought) {
    lose("reasoning", Action::dropped, at);
    return {};
  }
  Block block{Block::Kind::thinking, {}};
  json::Writer writer(block.json);
  if (thought->redacted.empty()) {
    writer.begin_object().member("type", "thinking").member("thinking", thought->thinking);
    writer.member("signature", thought->signature).end_object();
  } else {
    writer.begin_object().member("type", "redacted_thinking");
    writer.member("data", thought->redacted).end_object();
  }
  return block;
}

}  // namespace tpool::protocol::messages
