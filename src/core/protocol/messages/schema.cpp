#include "core/protocol/messages/schema.hpp"

#include <algorithm>
#include <utility>

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::messages {

namespace {

template <std::size_t count>
bool is_one_of(const std::string_view (&names)[count], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr std::string_view refused[] = {"minimum",          "maximum",    "exclusiveMinimum",
                                        "exclusiveMaximum", "multipleOf", "minLength",
                                        "maxLength",        "maxItems",   "uniqueItems"};
// One schema, or a list of them.
constexpr std::string_view nested[] = {"items", "prefixItems", "anyOf", "oneOf", "allOf"};
// Schemas by names that are no keywords.
constexpr std::string_view named[] = {"properties", "$defs", "definitions"};

bool is_refused(std::string_view name, json::Value value) {
  // None and one are known.
  if (name == "minItems") return value.number().value_or(0) > 1;
  return is_one_of(refused, name);
}

bool is_object_schema(json::Value schema) {
  const json::Value type = schema["type"];
  if (type.string_or("") == "object") return true;
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (type.at(i).string_or("") == "object") return true;
  }
  return schema["properties"].is_object();
}

// Depth is bounded by the parser.
class Rewriter {
 public:
  explicit Rewriter(std::string& out) : writer_(out) {}

  bool changed() const { return changed_; }
  bool open() const { return open_; }

  void write(json::Value schema) {
    if (schema.is_array()) {
      writer_.begin_array();
      for (std::size_t i = 0; i < schema.size(); ++i) write(schema.at(i));
      writer_.end_array();
      return;
    }
    if (!schema.is_object()) {
      writer_.raw(schema.text());
      return;
    }
    const bool close = is_object_schema(schema) && schema["additionalProperties"].boolean_or(true);
    if (close) open_ = open_ || !schema["properties"] || schema["additionalProperties"].size() > 0;
    const std::string words = words_of(schema);
    changed_ = changed_ || close || !words.empty();
    writer_.begin_object();
    for (std::size_t i = 0; i < schema.size(); ++i) {
      write_member(schema.name_at(i), schema.member_at(i), close, !words.empty());
    }
    if (!words.empty()) {
      std::string description(schema["description"].string_or(""));
      if (!description.empty()) description += ' ';
      writer_.member("description", description + words);
    }
    if (close) writer_.member("additionalProperties", false);
    writer_.end_object();
  }

 private:
  // "(minimum: 1, maximum: 9)"
  static std::string words_of(json::Value schema) {
    std::string words;
    for (std::size_t i = 0; i < schema.size(); ++i) {
      const std::string_view name = schema.name_at(i);
      const json::Value value = schema.member_at(i);
      if (!is_refused(name, value)) continue;
      words += words.empty() ? "(" : ", ";
      words += std::string(name) + ": " + value.text();
    }
    return words.empty() ? words : words + ")";
  }

  void write_member(std::string_view name, json::Value value, bool close, bool described) {
    if (is_refused(name, value) || (close && name == "additionalProperties") ||
        (described && name == "description")) {
      return;
    }
    writer_.key(name);
    if (is_one_of(nested, name)) {
      write(value);
    } else if (is_one_of(named, name) && value.is_object()) {
      writer_.begin_object();
      for (std::size_t i = 0; i < value.size(); ++i) {
        writer_.key(value.name_at(i));
        write(value.member_at(i));
      }
      writer_.end_object();
    } else {
      writer_.raw(value.text());
    }
  }

  json::Writer writer_;
  bool changed_ = false;
  bool open_ = false;
};

}  // namespace

Fitting fit_schema(std::string_view schema) {
  Fitting fitting;
  const auto parsed = json::Document::parse(schema, "schema");
  if (!parsed) return fitting;
  std::string out;
  Rewriter rewriter(out);
  rewriter.write(parsed->root());
  fitting.open = rewriter.open();
  if (rewriter.changed()) fitting.rewritten = std::move(out);
  return fitting;
}

}  // namespace tpool::protocol::messages
