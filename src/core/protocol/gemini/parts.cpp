#include "core/protocol/gemini/parts.hpp"

#include "core/json/write.hpp"
#include "core/protocol/data_url.hpp"
#include "core/protocol/fields.hpp"
#include "core/protocol/said_in_words.hpp"

namespace tpool::protocol::gemini {

namespace {

using Action = ir::Loss::Action;

constexpr std::string_view no_file = "[A file was here that this provider cannot read.]";

}  // namespace

void PartWriter::lose(std::string field, Action action, std::size_t item) {
  ir::add_loss(losses, std::move(field), action,
               item == nowhere ? std::string() : "item " + std::to_string(item));
}

std::string PartWriter::text(std::string_view words) const {
  std::string out;
  json::Writer(out).begin_object().member("text", words).end_object();
  return out;
}

std::string PartWriter::inline_data(std::string_view media_type, std::string_view data) const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("inlineData").begin_object();
  writer.member("mimeType", media_type).member("data", data).end_object().end_object();
  return out;
}

std::string PartWriter::file_data(std::string_view url, std::string_view name) const {
  std::string_view type = media_type_of(url);
  if (type.empty()) type = media_type_of(name);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("fileData").begin_object();
  if (!type.empty()) writer.member("mimeType", type);
  writer.member("fileUri", url).end_object().end_object();
  return out;
}

std::string PartWriter::image(const ir::Image& image) {
  if (!dialect.images) {
    lose("images", Action::dropped);
    return text(no_image);
  }
  if (!image.detail.empty() && image.detail != "auto") lose("images.detail", Action::dropped);
  if (const auto bytes = read_data_url(image.url)) {
    return inline_data(bytes->media_type.empty() ? "image/png" : bytes->media_type, bytes->data);
  }
  if (image.url.starts_with("data:") || !dialect.image_urls) {
    lose("images", Action::dropped);
    return text("[An image was here that this provider cannot fetch.]");
  }
  return file_data(image.url, {});
}

std::string PartWriter::file(const ir::File& file) {
  if (const auto bytes = read_data_url(file.url)) {
    std::string_view type = bytes->media_type;
    if (type.empty()) type = media_type_of(file.name);
    return inline_data(type.empty() ? "application/pdf" : type, bytes->data);
  }
  if (!file.url.empty() && !file.url.starts_with("data:")) return file_data(file.url, file.name);
  // An id means something only where it was given.
  lose("files", Action::dropped);
  return text(no_file);
}

std::string PartWriter::part(const ir::Part& part) {
  if (const ir::Extra* whole = unknown_part(part)) {
    refuse_part(losses, *whole);
  } else if (const auto* image_part = std::get_if<ir::Image>(&part.value)) {
    return image(*image_part);
  } else if (const auto* file_part = std::get_if<ir::File>(&part.value)) {
    return file(*file_part);
  } else if (const auto* audio = std::get_if<ir::Audio>(&part.value)) {
    return inline_data("audio/" + audio->format, audio->data);
  } else if (const std::string words = words_of(part); !words.empty()) {
    return text(words);
  }
  return {};
}

std::string PartWriter::words_of(const ir::Part& part) {
  if (const ir::Extra* whole = unknown_part(part)) {
    refuse_part(losses, *whole);
  } else if (const auto* words = std::get_if<ir::Text>(&part.value)) {
    return words->text;
  } else if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) {
    return refusal->text;
  } else if (const auto* document = std::get_if<ir::File>(&part.value)) {
    lose("files", Action::dropped);
    return no_document(*document);
  } else {
    lose(std::holds_alternative<ir::Image>(part.value) ? "images" : "files", Action::dropped);
  }
  return {};
}

std::string PartWriter::words_of(const std::vector<ir::Part>& parts, std::string_view between) {
  std::string out;
  for (const ir::Part& part : parts) {
    const std::string piece = words_of(part);
    if (!out.empty() && !piece.empty()) out += between;
    out += piece;
  }
  return out;
}

void sign(std::string& part, std::string_view signature) {
  part.pop_back();
  part += ",\"thoughtSignature\":";
  json::append_quoted(part, signature);
  part += '}';
}

std::string PartWriter::words_of(const ir::ToolResult& result, Returned& returned) {
  std::string words;
  for (const ir::Part& part : result.parts) {
    std::string piece;
    const bool known = unknown_part(part) == nullptr;
    const auto* picture = std::get_if<ir::Image>(&part.value);
    const auto* document = std::get_if<ir::File>(&part.value);
    if (known && picture != nullptr) {
      returned.images.push_back(image(*picture));
      if (!dialect.tool_images) piece = "[image]";
    } else if (known && document != nullptr && !document->url.empty()) {
      returned.files.push_back(file(*document));
      if (!dialect.tool_images) piece = document_below(*document);
    } else {
      piece = words_of(part);
    }
    if (!words.empty() && !piece.empty()) words += '\n';
    words += piece;
  }
  return words;
}

}  // namespace tpool::protocol::gemini
