#include "core/protocol/tool_schema.hpp"

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol {

namespace {

// Depth is bounded by the parser. Inside `properties` and the like names are not keywords.
void copy(json::Writer& writer, json::Value value, bool names) {
  if (value.is_array()) {
    writer.begin_array();
    for (std::size_t i = 0; i < value.size(); ++i) copy(writer, value.at(i), false);
    writer.end_array();
    return;
  }
  if (!value.is_object()) {
    writer.raw(value.text());
    return;
  }
  writer.begin_object();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string_view name = value.name_at(i);
    const json::Value member = value.member_at(i);
    if (!names && name == "required" && member.is_array() && member.size() == 0) continue;
    writer.key(name);
    if (!names && (name == "enum" || name == "const" || name == "default" || name == "examples")) {
      writer.raw(member.text());
    } else {
      copy(writer, member,
           !names && (name == "properties" || name == "$defs" || name == "definitions" ||
                      name == "patternProperties"));
    }
  }
  writer.end_object();
}

}  // namespace

std::string without_empty_required(std::string_view schema) {
  const auto parsed = json::Document::parse(schema, "schema");
  if (!parsed) return std::string(schema);
  std::string out;
  json::Writer writer(out);
  copy(writer, parsed->root(), false);
  return out;
}

}  // namespace tpool::protocol
