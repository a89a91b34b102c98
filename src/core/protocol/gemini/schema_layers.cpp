#include "core/protocol/gemini/schema_layers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace tpool::protocol::gemini {

namespace {

constexpr std::size_t max_layers = 16;
constexpr std::size_t max_compared = 32;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// One step of a JSON pointer inside a URI fragment: "%7E1" and "~1" are a slash.
std::string unescaped(std::string_view step) {
  std::string plain;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '%' && i + 2 < step.size() && hex(step[i + 1]) >= 0 && hex(step[i + 2]) >= 0) {
      plain += static_cast<char>(hex(step[i + 1]) * 16 + hex(step[i + 2]));
      i += 2;
    } else {
      plain += step[i];
    }
  }
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool escape = plain[i] == '~' && i + 1 < plain.size();
    if (escape && (plain[i + 1] == '0' || plain[i + 1] == '1')) {
      out += plain[++i] == '0' ? '~' : '/';
    } else {
      out += plain[i];
    }
  }
  return out;
}

json::Value resolve(json::Value root, std::string_view ref) {
  if (ref == "#") return root;
  if (!ref.starts_with("#/")) return {};
  json::Value at = root;
  std::string_view rest = ref.substr(2);
  for (;;) {
    const std::size_t slash = rest.find('/');
    const std::string step = unescaped(rest.substr(0, slash));
    if (at.is_array()) {
      std::size_t index = 0;
      const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
      at = read.ec == std::errc() && index < at.size() ? at.at(index) : json::Value();
    } else {
      at = at[step];
    }
    if (!at || slash == std::string_view::npos) return at;
    rest.remove_prefix(slash + 1);
  }
}

// Members that add up or annotate, so that two layers may both have them.
bool may_repeat(std::string_view name) {
  constexpr std::array<std::string_view, 11> names = {
      "properties", "required", "description", "title",    "$ref",       "allOf",
      "$defs",      "$schema",  "$id",         "$comment", "definitions"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Layers::Layers(json::Value root, json::Value schema,
               const std::vector<std::string_view>& open_refs) {
  std::vector<json::Value> waiting{schema};
  while (!waiting.empty()) {
    const json::Value layer = waiting.back();
    waiting.pop_back();
    if (!layer.is_object()) continue;
    if (layers_.size() == max_layers) {
      conflict_ = true;
      break;
    }
    layers_.push_back(layer);
    const json::Value all = layer["allOf"];
    for (std::size_t i = std::min(all.size(), max_layers); i > 0; --i) {
      waiting.push_back(all.at(i - 1));
    }
    const auto ref = layer["$ref"].string();
    if (!ref) continue;
    const auto is_open = [&](const std::vector<std::string_view>& refs) {
      return std::find(refs.begin(), refs.end(), *ref) != refs.end();
    };
    if (is_open(open_refs) || is_open(refs_)) {
      recursive_ = true;
    } else if (const json::Value target = resolve(root, *ref)) {
      refs_.push_back(*ref);
      waiting.push_back(target);
    } else {
      unresolved_ = true;
    }
  }
  binding_ = layers_.size();
  note_conflicts();
}

// Two layers that bound the same keyword both hold; only the first can be told.
void Layers::note_conflicts() {
  for (std::size_t n = 1; n < layers_.size(); ++n) {
    for (std::size_t i = 0; i < std::min(layers_[n].size(), max_compared); ++i) {
      const std::string_view name = layers_[n].name_at(i);
      if (may_repeat(name)) continue;
      const json::Value own = layers_[n].member_at(i);
      for (std::size_t before = 0; before < n; ++before) {
        const json::Value other = layers_[before][name];
        if (!other) continue;
        const bool scalars = other.size() == 0 && own.size() == 0;
        if (!scalars || other.text() != own.text()) conflict_ = true;
      }
    }
  }
}

std::size_t Layers::cost() const {
  constexpr std::size_t usual = 32;
  std::size_t sum = 0;
  for (const json::Value& layer : layers_) {
    const std::size_t members =
        layer.size() + layer["properties"].size() + layer["required"].size() + layer["enum"].size();
    sum += 1 + members / usual;
  }
  return sum;
}

json::Value Layers::get(std::string_view name) const {
  for (const json::Value& layer : layers_) {
    if (const json::Value value = layer[name]) return value;
  }
  return {};
}

Layers::Properties Layers::properties() const {
  Properties found;
  std::unordered_set<std::string_view> seen;
  for (const json::Value& layer : layers_) {
    const json::Value list = layer["properties"];
    if (!list.is_object()) continue;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string_view name = list.name_at(i);
      if (seen.insert(name).second) found.emplace_back(name, list.member_at(i));
    }
  }
  return found;
}

std::vector<std::string_view> Layers::required() const {
  std::unordered_set<std::string_view> open;
  for (const auto& [name, schema] : properties()) open.insert(name);
  std::vector<std::string_view> names;
  for (std::size_t n = 0; n < binding_; ++n) {
    const json::Value list = layers_[n]["required"];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto name = list.at(i).string();
      if (name && open.erase(*name) > 0) names.push_back(*name);
    }
  }
  return names;
}

bool Layers::has_alternatives() const { return get("anyOf").size() > 0 || get("oneOf").size() > 0; }

std::vector<std::string_view> Layers::keywords() const {
  std::vector<std::string_view> names;
  for (const json::Value& layer : layers_) {
    for (std::size_t i = 0; i < layer.size(); ++i) names.push_back(layer.name_at(i));
  }
  return names;
}

void Layers::add_optional(const Layers& alternative) {
  layers_.insert(layers_.end(), alternative.layers_.begin(), alternative.layers_.end());
  refs_.insert(refs_.end(), alternative.refs_.begin(), alternative.refs_.end());
}

bool is_known_keyword(std::string_view name) {
  constexpr std::array<std::string_view, 40> names = {"type",
                                                      "properties",
                                                      "required",
                                                      "items",
                                                      "prefixItems",
                                                      "enum",
                                                      "const",
                                                      "format",
                                                      "description",
                                                      "title",
                                                      "default",
                                                      "nullable",
                                                      "anyOf",
                                                      "oneOf",
                                                      "allOf",
                                                      "$ref",
                                                      "$defs",
                                                      "definitions",
                                                      "$schema",
                                                      "$id",
                                                      "id",
                                                      "$anchor",
                                                      "$comment",
                                                      "additionalProperties",
                                                      "minimum",
                                                      "maximum",
                                                      "exclusiveMinimum",
                                                      "exclusiveMaximum",
                                                      "minLength",
                                                      "maxLength",
                                                      "pattern",
                                                      "minItems",
                                                      "maxItems",
                                                      "minProperties",
                                                      "maxProperties",
                                                      "propertyOrdering",
                                                      "readOnly",
                                                      "writeOnly",
                                                      "deprecated",
                                                      "strict"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace tpool::protocol::gemini
