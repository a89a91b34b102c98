#include "core/protocol/tool_schema.hpp"

#include <unordered_set>

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

// Words that a strict schema may not hold.
constexpr std::string_view open_words[] = {"allOf",
                                           "oneOf",
                                           "not",
                                           "if",
                                           "then",
                                           "else",
                                           "dependentRequired",
                                           "dependentSchemas",
                                           "patternProperties"};

bool has_type(json::Value schema, std::string_view wanted) {
  const json::Value type = schema["type"];
  if (type.string_or("") == wanted) return true;
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (type.at(i).string_or("") == wanted) return true;
  }
  return false;
}

bool requires_all(json::Value schema) {
  std::unordered_set<std::string_view> required;
  const json::Value names = schema["required"];
  for (std::size_t i = 0; i < names.size(); ++i) required.insert(names.at(i).string_or(""));
  const json::Value properties = schema["properties"];
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (!required.contains(properties.name_at(i))) return false;
  }
  return true;
}

// Depth is bounded by the parser.
bool is_closed(json::Value schema) {
  if (!schema.is_object()) return false;
  for (const std::string_view word : open_words) {
    if (schema[word]) return false;
  }
  const bool typed =
      schema["type"] || schema["$ref"] || schema["anyOf"] || schema["enum"] || schema["const"];
  if (!typed) return false;
  if (has_type(schema, "object") || schema["properties"]) {
    if (schema["additionalProperties"].boolean_or(true) || !requires_all(schema)) return false;
  }
  if (has_type(schema, "array") && !schema["items"]) return false;
  if (schema["items"] && !is_closed(schema["items"])) return false;
  for (const std::string_view name : {"properties", "$defs", "definitions"}) {
    const json::Value members = schema[name];
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!is_closed(members.member_at(i))) return false;
    }
  }
  const json::Value options = schema["anyOf"];
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!is_closed(options.at(i))) return false;
  }
  return true;
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

bool is_closed_schema(std::string_view schema) {
  const auto parsed = json::Document::parse(schema, "schema");
  return parsed && has_type(parsed->root(), "object") && is_closed(parsed->root());
}

bool fitting_strictness(const ir::Format& format, std::vector<ir::Loss>& losses) {
  if (!format.strict.value_or(false)) return false;
  if (is_closed_schema(format.schema)) return true;
  ir::add_loss(losses, "text.format", ir::Loss::Action::approximated);
  return false;
}

}  // namespace tpool::protocol
