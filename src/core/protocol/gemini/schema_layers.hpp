// One JSON schema seen as the layers that apply together: itself, what it refers to, and the
// members of its `allOf`.
//
// References inside the document are followed; one that leads back into itself, or out of the
// document, is left out and told. Bounded. Views into the document; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/value.hpp"

namespace tpool::protocol::gemini {

class Layers {
 public:
  using Properties = std::vector<std::pair<std::string_view, json::Value>>;

  // `open_refs` are the references being written out around this schema.
  Layers(json::Value root, json::Value schema, const std::vector<std::string_view>& open_refs);

  // The member of the first layer that has it.
  json::Value get(std::string_view name) const;
  // Those of all layers, in order, each name once.
  Properties properties() const;
  // Names that must be given, of properties there are.
  std::vector<std::string_view> required() const;
  bool has_alternatives() const;
  // Every member name of every layer.
  std::vector<std::string_view> keywords() const;
  // How much work the layers are: about one for each of usual size.
  std::size_t cost() const;

  // Adds the layers of an alternative, which requires nothing.
  void add_optional(const Layers& alternative);

  // What was said around an alternative, for where it says nothing itself.
  void set_fallback(std::string_view description, bool nullable) {
    description_ = description;
    nullable_ = nullable;
  }
  std::string_view fallback_description() const { return description_; }
  bool fallback_nullable() const { return nullable_; }

  const std::vector<std::string_view>& refs() const { return refs_; }
  bool unresolved() const { return unresolved_; }
  bool recursive() const { return recursive_; }
  // Layers disagree, or there are too many.
  bool conflict() const { return conflict_; }

 private:
  void note_conflicts();

  std::vector<json::Value> layers_;
  std::size_t binding_ = 0;  // layers whose `required` counts
  std::vector<std::string_view> refs_;
  std::string_view description_;
  bool nullable_ = false;
  bool unresolved_ = false;
  bool recursive_ = false;
  bool conflict_ = false;
};

// Keywords that are translated, or that say nothing about the value.
bool is_known_keyword(std::string_view name);

}  // namespace tpool::protocol::gemini
