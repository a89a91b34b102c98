#include "core/protocol/gemini/schema.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/fields.hpp"
#include "core/protocol/gemini/schema_layers.hpp"
#include "core/protocol/gemini/schema_leaf.hpp"

namespace tpool::protocol::gemini {

namespace {

using Action = ir::Loss::Action;

constexpr int max_depth = 32;
constexpr std::size_t max_cost = 8192;
constexpr std::size_t max_options = 128;
constexpr std::size_t max_written = std::size_t{4} << 20;

// Values without a schema of their own.
constexpr std::string_view any_value =
    R"({"anyOf":[{"type":"STRING"},{"type":"NUMBER"},{"type":"BOOLEAN"},{"type":"OBJECT"}]})";

class Sanitizer {
 public:
  Sanitizer(json::Value root, std::string_view prefix, bool ordered, std::vector<ir::Loss>& losses)
      : root_(root), prefix_(prefix), ordered_(ordered), losses_(losses) {}

  // Any schema.
  std::string write(json::Value schema, int depth) { return write(layers_of(schema), depth); }

  // A schema that must be an object's; empty when it has no properties.
  std::string write_object() {
    Layers layers = layers_of(root_);
    if (layers.properties().empty()) {
      // Alternatives of a whole call: each of their properties may be given.
      for (const char* name : {"anyOf", "oneOf"}) {
        const json::Value options = layers.get(name);
        if (!options.is_array()) continue;
        lose(name, Action::approximated);
        for (std::size_t i = 0; i < std::min(options.size(), max_options); ++i) {
          add_option(layers, options.at(i));
        }
        break;
      }
    }
    if (layers.properties().empty()) {
      if (layers.get("additionalProperties").boolean_or(true) && layers.get("additionalProperties"))
        lose("additionalProperties", Action::dropped);
      return {};
    }
    std::string out;
    json::Writer writer(out);
    writer.begin_object();
    write_typed(writer, layers, "object", false, 0);
    writer.end_object();
    return out;
  }

 private:
  bool exhausted() const { return cost_ > max_cost || written_ > max_written; }

  void lose(std::string_view keyword, Action action) {
    lose_named(losses_, prefix_, keyword, action);
  }

  Layers layers_of(json::Value schema) {
    Layers layers(root_, schema, open_refs_);
    if (layers.unresolved()) lose("ref", Action::approximated);
    if (layers.recursive()) lose("recursion", Action::approximated);
    if (layers.conflict()) lose("allOf", Action::approximated);
    return layers;
  }

  void add_option(Layers& layers, json::Value option) {
    const Layers own = layers_of(option);
    layers.add_optional(own);
  }

  // References entered for this schema are open while its children are written.
  class Inside {
   public:
    Inside(Sanitizer& owner, const Layers& layers)
        : owner_(owner), before_(owner.open_refs_.size()) {
      const auto& refs = layers.refs();
      owner.open_refs_.insert(owner.open_refs_.end(), refs.begin(), refs.end());
    }
    ~Inside() { owner_.open_refs_.resize(before_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Sanitizer& owner_;
    std::size_t before_;
  };

  std::string write(const Layers& layers, int depth) {
    cost_ += layers.cost();
    if (depth > max_depth || exhausted()) {
      lose("size", Action::approximated);
      return std::string(any_value);
    }
    const Inside inside(*this, layers);
    const auto [types, nullable, strange] = types_of(layers);
    if (strange) lose("type", Action::approximated);
    std::string out;
    if (types.size() == 1) {
      json::Writer writer(out);
      writer.begin_object();
      write_typed(writer, layers, types.front(), nullable, depth);
      writer.end_object();
    } else if (types.size() > 1) {
      out = write_types(layers, types, nullable, depth);
    } else {
      out = write_options(layers, nullable, depth);
    }
    written_ += out.size();
    return out;
  }

  // Several types: one alternative each.
  std::string write_types(const Layers& layers, const std::vector<std::string>& types,
                          bool nullable, int depth) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("anyOf").begin_array();
    for (const std::string& type : types) {
      writer.begin_object();
      write_typed(writer, layers, type, nullable && type == types.front(), depth);
      writer.end_object();
    }
    writer.end_array().end_object();
    return out;
  }

  // No type: alternatives, or anything at all.
  std::string write_options(const Layers& layers, bool nullable, int depth) {
    json::Value options = layers.get("anyOf");
    if (!options.is_array() || options.size() == 0) {
      options = layers.get("oneOf");
      if (options.size() > 0) lose("oneOf", Action::approximated);
    } else if (layers.get("oneOf")) {
      lose("oneOf", Action::dropped);
    }
    std::vector<json::Value> kept;
    if (options.size() > max_options) lose("size", Action::approximated);
    for (std::size_t i = 0; i < std::min(options.size(), max_options); ++i) {
      const json::Value option = options.at(i);
      if (option["type"].string_or("") == "null") {
        nullable = true;
      } else {
        kept.push_back(option);
      }
    }
    if (kept.empty()) {
      lose("any", Action::approximated);
      return std::string(any_value);
    }
    // Nothing may stand beside anyOf, so what was said of the whole is said of each.
    const std::string_view description = layers.get("description").string_or("");
    if (kept.size() == 1) return write_option(kept.front(), description, nullable, depth);
    std::string out = R"({"anyOf":[)";
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (i > 0) out += ',';
      out += write_option(kept[i], description, nullable && i == 0, depth);
    }
    out += "]}";
    return out;
  }

  std::string write_option(json::Value option, std::string_view description, bool nullable,
                           int depth) {
    Layers layers = layers_of(option);
    layers.set_fallback(description, nullable);
    return write(layers, depth + 1);
  }

  void write_typed(json::Writer& writer, const Layers& layers, const std::string& type,
                   bool nullable, int depth) {
    writer.member("type", wire_type(type));
    LeafWriter leaf{writer, layers, type, prefix_, losses_};
    leaf.nullable = nullable || layers.fallback_nullable();
    leaf.write();
    if (type == "object") write_members(writer, layers, depth);
    if (type == "array") write_items(writer, layers, depth);
    leaf.write_annotations();
    // Keywords nothing reads, less those that say nothing about the value.
    for (const std::string_view name : layers.keywords()) {
      if (!is_known_keyword(name)) lose(name, Action::dropped);
    }
  }

  void write_members(json::Writer& writer, const Layers& layers, int depth) {
    const bool declared = !layers.properties().empty();
    if (!declared && layers.get("required").size() > 0) lose("required", Action::dropped);
    std::vector<std::pair<std::string_view, std::string>> members;
    for (const auto& [name, schema] : layers.properties()) {
      if (exhausted()) {
        lose("size", Action::approximated);
        break;
      }
      members.emplace_back(name, write(schema, depth + 1));
    }
    if (!members.empty()) {
      writer.key("properties").begin_object();
      for (const auto& [name, schema] : members) writer.key(name).raw(schema);
      writer.end_object();
      if (ordered_) {
        writer.key("propertyOrdering").begin_array();
        for (const auto& [name, schema] : members) writer.string(name);
        writer.end_array();
      }
      write_required(writer, members, layers.required());
    }
    copy_count(writer, layers, "minProperties");
    copy_count(writer, layers, "maxProperties");
    // Gemini writes declared members only, so a closed object loses nothing.
    const json::Value more = layers.get("additionalProperties");
    if (more && more.boolean_or(true)) lose("additionalProperties", Action::dropped);
    if (layers.has_alternatives()) lose("anyOf", Action::dropped);
  }

  // Only members that were written can be required.
  static void write_required(json::Writer& writer,
                             const std::vector<std::pair<std::string_view, std::string>>& members,
                             std::vector<std::string_view> names) {
    std::unordered_set<std::string_view> written;
    for (const auto& [name, schema] : members) written.insert(name);
    std::erase_if(names, [&](std::string_view name) { return !written.contains(name); });
    if (names.empty()) return;
    writer.key("required").begin_array();
    for (const std::string_view name : names) writer.string(name);
    writer.end_array();
  }

  void write_items(json::Writer& writer, const Layers& layers, int depth) {
    const json::Value items = layers.get("items");
    const json::Value tuple = items.is_array() ? items : layers.get("prefixItems");
    writer.key("items");
    if (tuple.size() > 0) {
      // Places have no schemas of their own here: any of them may stand anywhere.
      lose("prefixItems", Action::approximated);
      std::vector<std::string> kinds;
      for (std::size_t i = 0; i < std::min(tuple.size(), max_options); ++i) {
        std::string kind = write(tuple.at(i), depth + 2);
        if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
          kinds.push_back(std::move(kind));
      }
      if (kinds.size() == 1) {
        writer.raw(kinds.front());
      } else {
        writer.begin_object().key("anyOf").begin_array();
        for (const std::string& kind : kinds) writer.raw(kind);
        writer.end_array().end_object();
      }
    } else if (items.is_object() && items.size() > 0) {
      writer.raw(write(items, depth + 1));
    } else {
      // An array must say of what.
      lose("items", Action::approximated);
      writer.raw(any_value);
    }
    copy_count(writer, layers, "minItems");
    copy_count(writer, layers, "maxItems");
  }

  json::Value root_;
  std::string_view prefix_;
  bool ordered_;
  std::vector<ir::Loss>& losses_;
  std::vector<std::string_view> open_refs_;
  std::size_t cost_ = 0;
  std::size_t written_ = 0;
};

}  // namespace

std::string parameters_schema(std::string_view json, std::vector<ir::Loss>& losses) {
  if (json.empty()) return {};
  const auto parsed = json::Document::parse(json, "schema");
  if (!parsed) {
    ir::add_loss(losses, "tools.schema", Action::dropped);
    return {};
  }
  return Sanitizer(parsed->root(), "tools.schema.", false, losses).write_object();
}

std::string response_schema(std::string_view json, std::vector<ir::Loss>& losses) {
  const auto parsed = json::Document::parse(json, "schema");
  if (!parsed) {
    ir::add_loss(losses, "text.format", Action::dropped);
    return {};
  }
  return Sanitizer(parsed->root(), "text.format.", true, losses).write(parsed->root(), 0);
}

}  // namespace tpool::protocol::gemini
