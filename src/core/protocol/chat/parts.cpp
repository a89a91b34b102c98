#include "core/protocol/chat/parts.hpp"

#include "core/protocol/fields.hpp"
#include "core/protocol/said_in_words.hpp"

namespace tpool::protocol::chat {

namespace {

using Action = ir::Loss::Action;

// The protocol takes none; the model may have a tool that fetches it.
bool is_link(const ir::File& file) { return file.url.starts_with("http"); }

}  // namespace

void PartWriter::lose(std::string field, Action action, std::size_t item) {
  ir::add_loss(losses, std::move(field), action,
               item == nowhere ? std::string() : "item " + std::to_string(item));
}

std::string PartWriter::text_of(const ir::Part& part) {
  if (const ir::Extra* whole = unknown_part(part)) {
    refuse_part(losses, *whole);
  } else if (const auto* text = std::get_if<ir::Text>(&part.value)) {
    return text->text;
  } else if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) {
    return refusal->text;
  } else if (std::holds_alternative<ir::Image>(part.value) && !dialect.images) {
    lose("images", Action::dropped);
    return std::string(no_image);
  } else if (const auto* file = std::get_if<ir::File>(&part.value)) {
    if (is_link(*file)) {
      lose("files", Action::approximated);
      return "File " + file->name + ": " + file->url;
    }
    lose("files", Action::dropped);
    return no_document(*file);
  } else {
    lose(std::holds_alternative<ir::Image>(part.value) ? "images" : "files", Action::dropped);
  }
  return {};
}

std::string PartWriter::text_of(const std::vector<ir::Part>& parts, std::string_view between) {
  std::string out;
  for (const ir::Part& part : parts) {
    const std::string piece = text_of(part);
    if (!out.empty() && !piece.empty()) out += between;
    out += piece;
  }
  return out;
}

void PartWriter::write_text_part(std::string_view text) {
  writer.begin_object().member("type", "text").member("text", text).end_object();
}

void PartWriter::write_image(const ir::Image& image) {
  writer.begin_object().member("type", "image_url").key("image_url").begin_object();
  writer.member("url", image.url);
  if (image.detail == "low" || image.detail == "high" || image.detail == "auto") {
    writer.member("detail", image.detail);
  }
  writer.end_object().end_object();
}

void PartWriter::write_part(const ir::Part& part) {
  if (const ir::Extra* whole = unknown_part(part)) {
    if (whole->protocol == Protocol::chat) {
      writer.raw(whole->json);
    } else {
      refuse_part(losses, *whole);
    }
    return;
  }
  if (const auto* text = std::get_if<ir::Text>(&part.value)) {
    write_text_part(text->text);
  } else if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) {
    write_text_part(refusal->text);
  } else if (const auto* image = std::get_if<ir::Image>(&part.value)) {
    if (dialect.images) {
      write_image(*image);
    } else {
      lose("images", Action::dropped);
      write_text_part(no_image);
    }
  } else if (const auto* file = std::get_if<ir::File>(&part.value)) {
    if (is_link(*file) || !files.value_or(true)) {
      write_text_part(text_of(part));
    } else {
      write_file(*file);
    }
  } else if (const auto* audio = std::get_if<ir::Audio>(&part.value)) {
    writer.begin_object().member("type", "input_audio").key("input_audio").begin_object();
    writer.member("data", audio->data).member("format", audio->format);
    writer.end_object().end_object();
  }
}

void PartWriter::write_file(const ir::File& file) {
  writer.begin_object().member("type", "file").key("file").begin_object();
  if (!file.id.empty()) writer.member("file_id", file.id);
  if (!file.url.empty()) writer.member("file_data", file.url);
  if (!file.name.empty()) writer.member("filename", file.name);
  writer.end_object().end_object();
}

void PartWriter::write_output(const ir::ToolResult& result, Later& later) {
  const bool inside = dialect.images && dialect.tool_images;
  std::string text;
  std::vector<const ir::Image*> images;
  if (result.failed) {
    lose("items.tool_result.failed", Action::approximated);
    text = tool_failed;
  }
  for (const ir::Part& part : result.parts) {
    const bool known = unknown_part(part) == nullptr;
    const auto* image = std::get_if<ir::Image>(&part.value);
    const auto* file = std::get_if<ir::File>(&part.value);
    std::string piece;
    if (known && image != nullptr && dialect.images) {
      images.push_back(image);
      if (inside) continue;
      piece = "[image]";
    } else if (known && file != nullptr && files.value_or(false) && !is_link(*file)) {
      // Many models take no document at all, and a refusal would end a conversation that goes on
      // without it: one that nobody put there on purpose needs a model known to read it.
      later.files.push_back(file);
      piece = document_below(*file);
    } else {
      piece = text_of(part);
    }
    if (!text.empty() && !piece.empty()) text += '\n';
    text += piece;
  }
  if (!inside || images.empty()) {
    later.images.insert(later.images.end(), images.begin(), images.end());
    writer.member("content", text);
    return;
  }
  writer.key("content").begin_array();
  if (!text.empty()) write_text_part(text);
  for (const ir::Image* image : images) write_image(*image);
  writer.end_array();
}

}  // namespace tpool::protocol::chat
