#include "core/protocol/messages/request.hpp"

namespace tpool::protocol::messages {

namespace {

std::string data_url(json::Value source) {
  std::string url = "data:";
  url += source["media_type"].string_or("application/octet-stream");
  url += ";base64,";
  url += source["data"].string_or("");
  return url;
}

// The block less its cache breakpoint, which is counted and placed on its own.
std::string whole(json::Value block) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block.name_at(i) == "cache_control") continue;
    writer.key(block.name_at(i)).raw(block.member_at(i).text());
  }
  writer.end_object();
  return out;
}

std::optional<Error> decode_image(json::Value value, const Path& path, ir::Part& part) {
  const json::Value source = value["source"];
  const std::string_view type = source["type"].string_or("");
  if (type == "base64" && source["data"].is_string()) {
    part.value = ir::Image{data_url(source), ""};
  } else if (type == "url" && source["url"].is_string()) {
    part.value = ir::Image{std::string(*source["url"].string()), ""};
  } else if (type == "file") {
    // Only its own provider has the file.
    part.extras.push_back({own, "", whole(value)});
  } else {
    return wrong_type(Path{&path, "source"}, "a base64, url or file source");
  }
  return {};
}

// What stands before a document in plain words: its title, and what the client says of it.
std::string heading_of(json::Value value) {
  const std::string_view title = value["title"].string_or("");
  const std::string_view context = value["context"].string_or("");
  std::string heading;
  if (!title.empty()) heading += "# " + std::string(title);
  if (!title.empty() && !context.empty()) heading += "\n\n";
  heading += context;
  return heading;
}

std::optional<Error> decode_document(json::Value value, const Path& path,
                                     std::vector<ir::Part>& out) {
  const json::Value source = value["source"];
  const std::string_view type = source["type"].string_or("");
  ir::File file;
  file.name = value["title"].string_or("");
  std::string heading = heading_of(value);
  if (type == "text" && source["data"].is_string()) {
    if (!heading.empty()) heading += "\n\n";
    out.push_back({ir::Text{heading + std::string(*source["data"].string())}});
    return {};
  }
  if (type == "content") {
    if (!heading.empty()) out.push_back({ir::Text{std::move(heading)}});
    return decode_parts(source["content"], Path{&path, "source"}, out);
  }
  if (type == "base64" && source["data"].is_string()) {
    file.url = data_url(source);
    if (file.name.empty()) file.name = "document.pdf";
  } else if (type == "url" && source["url"].is_string()) {
    file.url = *source["url"].string();
  } else if (type == "file" && source["file_id"].is_string()) {
    // Only its own provider has the file.
    out.emplace_back();
    out.back().extras.push_back({own, "", whole(value)});
    return {};
  } else {
    return wrong_type(Path{&path, "source"}, "a base64, text, content, url or file source");
  }
  out.push_back({std::move(file)});
  keep_extras(value, "type source title cache_control", own, out.back().extras);
  return {};
}

std::optional<Error> decode_search_result(json::Value value, const Path& path,
                                          std::vector<ir::Part>& out) {
  std::string head(value["title"].string_or(""));
  if (const auto source = value["source"].string()) head += "\n" + std::string(*source);
  out.push_back({ir::Text{std::move(head)}});
  return decode_parts(value["content"], Path{&path, "content"}, out);
}

}  // namespace

std::optional<Error> decode_part(json::Value value, const Path& path, std::vector<ir::Part>& out) {
  if (!value.is_object()) return wrong_type(path, "an object");
  const std::string_view type = value["type"].string_or("");
  const std::size_t before = out.size();
  std::optional<Error> error;
  if (type == "text") {
    ir::Text text;
    Fields fields(value, path);
    fields.required_string("text", text.text);
    error = fields.error();
    out.push_back({std::move(text)});
    keep_extras(value, "type text cache_control tool_reference", own, out.back().extras);
  } else if (type == "image") {
    out.emplace_back();
    error = decode_image(value, path, out.back());
  } else if (type == "document") {
    error = decode_document(value, path, out);
  } else if (type == "search_result") {
    error = decode_search_result(value, path, out);
  } else if (type == "tool_reference" && value["tool_name"].is_string()) {
    // A tool that a search found. It is declared with the request; the words say that it was found.
    const std::string name(*value["tool_name"].string());
    out.push_back({ir::Text{"Tool " + name + " is available."}});
    out.back().extras.push_back({own, "tool_reference", whole(value)});
  } else if (type.empty()) {
    return wrong_type(Path{&path, "type"}, "a string");
  } else {
    // A part of a kind the IR does not know.
    out.emplace_back();
    out.back().extras.push_back({own, "", whole(value)});
  }
  if (error) return error;
  if (const json::Value mark = value["cache_control"]; mark && out.size() > before) {
    out.back().cache_mark = mark.text();
  }
  return {};
}

std::optional<Error> decode_parts(json::Value content, const Path& path,
                                  std::vector<ir::Part>& out) {
  if (!content) return {};
  if (const auto text = content.string()) {
    if (!text->empty()) out.push_back({ir::Text{std::string(*text)}});
    return {};
  }
  if (!content.is_array()) return wrong_type(path, "a string or an array of blocks");
  out.reserve(out.size() + content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (auto error = decode_part(content.at(i), Path{&path, "", i}, out)) return error;
  }
  return {};
}

}  // namespace tpool::protocol::messages
