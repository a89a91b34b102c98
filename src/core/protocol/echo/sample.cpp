#include "core/protocol/echo/sample.hpp"

#include <algorithm>

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol::echo {
namespace {

constexpr int max_depth = 32;
// Against schemas whose references multiply; what comes after is null.
constexpr std::size_t max_size = std::size_t{64} << 10;

class Sampler {
 public:
  Sampler(json::Value root, std::string_view text, std::string& out)
      : root_(root), text_(text), out_(out), writer_(out) {}

  void write(json::Value schema, int depth) {
    if (depth > max_depth || out_.size() > max_size) {
      writer_.null();
      return;
    }
    if (const auto reference = schema["$ref"].string())
      return write(resolve(*reference), depth + 1);
    if (schema["const"]) {
      writer_.raw(schema["const"].text());
      return;
    }
    if (schema["enum"].size() > 0) {
      writer_.raw(schema["enum"].at(0).text());
      return;
    }
    for (const char* choice : {"anyOf", "oneOf", "allOf"})
      if (schema[choice].size() > 0) return write(schema[choice].at(0), depth + 1);
    write_type(type_of(schema), schema, depth);
  }

 private:
  static std::string_view type_of(json::Value schema) {
    const json::Value type = schema["type"];
    if (type.is_array()) return type.at(0).string_or("string");
    return type.string_or(schema["properties"] ? "object" : "string");
  }

  void write_type(std::string_view type, json::Value schema, int depth) {
    if (type == "object") {
      writer_.begin_object();
      const json::Value properties = schema["properties"];
      for (std::size_t i = 0; i < properties.size() && out_.size() <= max_size; ++i) {
        writer_.key(properties.name_at(i));
        write(properties.member_at(i), depth + 1);
      }
      writer_.end_object();
    } else if (type == "array") {
      writer_.begin_array();
      const auto least = std::clamp<std::int64_t>(schema["minItems"].integer().value_or(1), 1, 16);
      for (std::int64_t i = 0; i < least; ++i) write(schema["items"], depth + 1);
      writer_.end_array();
    } else if (type == "number" || type == "integer") {
      writer_.integer(schema["minimum"].integer().value_or(0));
    } else if (type == "boolean") {
      writer_.boolean(true);
    } else if (type == "null") {
      writer_.null();
    } else {
      writer_.string(text_);
    }
  }

  // "#/$defs/name"; anything else is found nowhere.
  json::Value resolve(std::string_view reference) const {
    if (!reference.starts_with("#")) return {};
    json::Value at = root_;
    reference.remove_prefix(1);
    while (!reference.empty()) {
      reference.remove_prefix(1);
      const std::string_view name = reference.substr(0, reference.find('/'));
      at = at[name];
      reference.remove_prefix(name.size());
    }
    return at;
  }

  json::Value root_;
  std::string_view text_;
  std::string& out_;
  json::Writer writer_;
};

}  // namespace

std::string sample(std::string_view schema, std::string_view text) {
  const auto parsed = json::Document::parse(schema, "schema");
  std::string out;
  if (!parsed || !parsed->root().is_object()) {
    json::Writer(out).begin_object().member("answer", text).end_object();
    return out;
  }
  Sampler(parsed->root(), text, out).write(parsed->root(), 0);
  return out;
}

}  // namespace tpool::protocol::echo
