#include "core/protocol/gemini/schema_leaf.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/protocol/fields.hpp"

namespace tpool::protocol::gemini {

namespace {

constexpr std::size_t max_words = 4096;

}  // namespace

std::string_view wire_type(std::string_view type) {
  if (type == "string") return "STRING";
  if (type == "number") return "NUMBER";
  if (type == "integer") return "INTEGER";
  if (type == "boolean") return "BOOLEAN";
  if (type == "array") return "ARRAY";
  if (type == "object") return "OBJECT";
  return {};
}

Types types_of(const Layers& layers) {
  Types types;
  types.nullable = layers.get("nullable").boolean_or(false);
  const auto add = [&](std::string_view name) {
    auto& names = types.names;
    if (name == "null") {
      types.nullable = true;
    } else if (wire_type(name).empty()) {
      types.strange = true;
    } else if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.emplace_back(name);
    }
  };
  const json::Value type = layers.get("type");
  if (const auto name = type.string()) add(*name);
  for (std::size_t i = 0; i < type.size(); ++i) add(type.at(i).string_or(""));
  if (!types.names.empty()) return types;
  if (type.string_or("") == "null") {
    add("string");
  } else if (!layers.properties().empty()) {
    add("object");
  } else if (layers.has_alternatives()) {
    return types;
  } else if (layers.get("items") || layers.get("prefixItems")) {
    add("array");
  } else {
    for (const json::Value& value : values_of(layers)) {
      if (value.is_string()) add("string");
      if (value.is_bool()) add("boolean");
      if (value.is_number()) add(value.integer() ? "integer" : "number");
    }
  }
  return types;
}

std::vector<json::Value> values_of(const Layers& layers) {
  std::vector<json::Value> values;
  const json::Value list = layers.get("enum");
  for (std::size_t i = 0; i < list.size(); ++i) values.push_back(list.at(i));
  const json::Value only = layers.get("const");
  if (only && values.empty()) values.push_back(only);
  return values;
}

void copy_count(json::Writer& writer, const Layers& layers, std::string_view name) {
  const auto value = layers.get(name).integer();
  if (value && *value >= 0) writer.member(name, *value);
}

void LeafWriter::lose(std::string_view keyword) {
  lose_named(losses, prefix, keyword, ir::Loss::Action::approximated);
}

void LeafWriter::say(const std::string& text) {
  if (!words.empty()) words += ' ';
  words += text;
}

void LeafWriter::write() {
  write_values();
  write_format();
  if (type == "string") {
    copy_count(writer, layers, "minLength");
    copy_count(writer, layers, "maxLength");
    if (const auto pattern = layers.get("pattern").string()) writer.member("pattern", *pattern);
  }
  if (type == "number" || type == "integer") {
    write_bound("minimum", "exclusiveMinimum", 1);
    write_bound("maximum", "exclusiveMaximum", -1);
  }
  if (const json::Value value = layers.get("default")) {
    lose("default");
    say("Default: " + value.text() + ".");
  }
}

void LeafWriter::write_annotations() {
  if (nullable) writer.member("nullable", true);
  const std::string_view title = layers.get("title").string_or("");
  if (!title.empty()) writer.member("title", title);
  std::string description(layers.get("description").string_or(layers.fallback_description()));
  if (!description.empty() && !words.empty()) description += ' ';
  description += words;
  if (!description.empty()) writer.member("description", description);
}

// Only strings can be listed; other values are told in words.
void LeafWriter::write_values() {
  const std::vector<json::Value> values = values_of(layers);
  if (values.empty()) return;
  std::unordered_set<std::string_view> seen;
  std::vector<std::string_view> strings;
  std::string list;
  bool sayable = type == "string";
  for (const json::Value& value : values) {
    if (!value) {
      nullable = true;
      continue;
    }
    const auto text = value.string();
    if (!text || text->empty()) {
      sayable = false;
    } else if (seen.insert(*text).second) {
      strings.push_back(*text);
    }
    if (list.size() > max_words) continue;
    list += list.empty() ? "" : ", ";
    list += value.text();
  }
  if (sayable && !strings.empty()) {
    writer.member("format", "enum").key("enum").begin_array();
    for (const std::string_view text : strings) writer.string(text);
    writer.end_array();
  } else if (!list.empty()) {
    lose("enum");
    say("One of: " + list + ".");
  }
}

void LeafWriter::write_format() {
  const std::string_view format = layers.get("format").string_or("");
  if (format.empty()) return;
  const bool known = (type == "string" && format == "date-time") ||
                     (type == "integer" && (format == "int32" || format == "int64")) ||
                     (type == "number" && (format == "float" || format == "double"));
  if (known && values_of(layers).empty()) {
    writer.member("format", format);
    return;
  }
  lose("format");
  say("Format: " + std::string(format) + ".");
}

void LeafWriter::write_bound(std::string_view name, std::string_view exclusive, std::int64_t step) {
  const json::Value open = layers.get(exclusive);
  const json::Value closed = layers.get(name);
  constexpr std::int64_t most = std::int64_t{1} << 53;
  if (const auto limit = open.integer();
      limit && type == "integer" && *limit > -most && *limit < most) {
    // The next whole number says the same.
    std::int64_t bound = *limit + step;
    if (const auto other = closed.integer()) {
      bound = step > 0 ? std::max(bound, *other) : std::min(bound, *other);
    }
    writer.member(name, bound);
    return;
  }
  if (open.is_number() || open.boolean_or(false)) lose(exclusive);
  if (closed.is_number()) {
    writer.key(name).raw(closed.text());
  } else if (open.is_number()) {
    writer.key(name).raw(open.text());
  }
}

}  // namespace tpool::protocol::gemini
