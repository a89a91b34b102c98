// What a Gemini schema can say about a value itself: its choices, format, range and length.
//
// The rest is put into words for the description and counted. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/gemini/schema_layers.hpp"

namespace tpool::protocol::gemini {

// The types a schema allows, in JSON Schema's spelling; inferred from its other members when it
// does not say.
struct Types {
  std::vector<std::string> names = {};
  bool nullable = false;
  bool strange = false;  // it names a type that is none
};
Types types_of(const Layers& layers);

// A type in Gemini's spelling; empty for none.
std::string_view wire_type(std::string_view type);

// The values of `enum` or `const`.
std::vector<json::Value> values_of(const Layers& layers);

// A count such as `minItems`, when there is a sane one.
void copy_count(json::Writer& writer, const Layers& layers, std::string_view name);

// Writes members of one schema object; `type` is in JSON Schema's spelling.
struct LeafWriter {
  json::Writer& writer;
  const Layers& layers;
  std::string_view type;
  std::string_view prefix;  // of losses
  std::vector<ir::Loss>& losses;
  bool nullable = false;
  std::string words = {};

  void write();
  // `nullable`, `title` and `description`, once everything else is known.
  void write_annotations();

 private:
  void lose(std::string_view keyword);
  void say(const std::string& text);
  void write_values();
  void write_format();
  void write_bound(std::string_view name, std::string_view exclusive, std::int64_t step);
};

}  // namespace tpool::protocol::gemini
