#include "core/connect/codex_text.hpp"

#include <algorithm>

#include "core/connect/codex_pieces.hpp"

namespace tpool::connect {
namespace {

using config::KeySpan;
using config::Layout;
using config::Span;
using config::TextEdit;

std::optional<std::string> root_string(std::string_view text, const Layout& layout,
                                       std::string_view name) {
  const auto* key = root_key(layout, name);
  return key ? config::unquote(slice(text, key->value)) : std::nullopt;
}

std::string provider_string(std::string_view text, const Layout& layout, const std::string& name) {
  const auto span = provider_value(text, layout, name);
  return span ? config::unquote(slice(text, *span)).value_or("") : std::string();
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs provider_pairs(const CodexValues& values) {
  Pairs pairs{{"name", config::quote(provider_name)},
              {"base_url", config::quote(values.base_url)},
              {"wire_api", config::quote("responses")},
              {"experimental_bearer_token", config::quote(values.token)}};
  if (values.catalog_url)
    pairs.emplace_back("model_catalog_url", config::quote(*values.catalog_url));
  return pairs;
}

// Collects the edits of one pass over a text.
class Putting {
 public:
  Putting(std::string_view text, const Layout& layout)
      : text_(text), layout_(layout), newline_(layout.newline) {}

  void set_root(std::string_view name, const std::string& raw) {
    if (const auto* key = root_key(layout_, name)) {
      if (slice(text_, key->value) != raw) edits_.push_back({key->value, raw});
    } else {
      new_roots_ += std::string(name) + " = " + raw + newline_;
    }
  }

  void drop_root(std::string_view name) {
    if (const auto* key = root_key(layout_, name)) edits_.push_back({key->line, ""});
  }

  // New root keys follow the last one, or open the text.
  void insert_roots() {
    if (new_roots_.empty()) return;
    const auto& root = layout_.tables.front();
    const auto at = root.keys.empty() ? root.body.begin : root.keys.back().line.end;
    const bool unended = at > root.body.begin && text_[at - 1] != '\n';
    edits_.push_back({{at, at}, (unended ? newline_ : "") + new_roots_});
    root_at_end_ = at == text_.size();
  }

  void set_provider(const CodexValues& values) {
    const auto pairs = provider_pairs(values);
    const auto pieces = find_pieces(text_, layout_);
    const auto first = [&](auto matches) {
      const auto found = std::find_if(pieces.begin(), pieces.end(), matches);
      return found == pieces.end() ? nullptr : &*found;
    };
    if (first([](const Piece& one) { return one.kind == Piece::Kind::header && one.ours; }))
      return refresh_table(pairs);
    const auto* parent = root_key(layout_, "model_providers");
    if (parent && slice(text_, parent->value).starts_with('{'))
      return set_member(parent->value, pairs, first([](const Piece& one) {
                          return one.kind == Piece::Kind::inline_member;
                        }));
    const auto* header = first([](const Piece& one) { return one.kind == Piece::Kind::header; });
    for (const auto& piece : pieces)
      edits_.push_back({piece.span, &piece == header ? table_text(pairs) : std::string()});
    if (!header) append_table(pairs);
  }

  std::string finish() { return config::apply_edits(text_, std::move(edits_)); }

 private:
  std::string table_text(const Pairs& pairs) const {
    std::string table = "[model_providers.tpool]" + newline_ + std::string(table_mark) + newline_;
    for (const auto& [name, raw] : pairs) table += name + " = " + raw + newline_;
    return table;
  }

  // Below one empty line; a text that ends without a line end keeps doing so.
  void append_table(const Pairs& pairs) {
    auto table = table_text(pairs);
    const auto end = text_.size();
    const bool unended = end > 0 && text_[end - 1] != '\n';
    if (unended) table.resize(table.size() - newline_.size());
    // New root keys at the very end have ended that line already.
    const bool ended_by_roots = root_at_end_ && !new_roots_.empty();
    std::string gap;
    if (unended && !ended_by_roots) gap += newline_;
    if (end > 0 || !new_roots_.empty()) gap += newline_;
    edits_.push_back({{end, end}, gap + table});
  }

  void refresh_table(const Pairs& pairs) {
    const auto* table =
        config::find_table(layout_, {"model_providers", std::string(provider_name)});
    if (!table) return;
    std::string added;
    for (const auto& [name, raw] : pairs) {
      const auto key = find_in(*table, name);
      if (!key)
        added += name + " = " + raw + newline_;
      else if (slice(text_, key->value) != raw)
        edits_.push_back({key->value, raw});
    }
    const bool live = std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
      return pair.first == "model_catalog_url";
    });
    if (const auto key = find_in(*table, "model_catalog_url"); key && !live)
      edits_.push_back({key->line, ""});
    if (added.empty()) return;
    const auto at = table->keys.empty() ? table->header.end : table->keys.back().line.end;
    const bool unended = text_[at - 1] != '\n';
    if (unended) added = newline_ + added.substr(0, added.size() - newline_.size());
    edits_.push_back({{at, at}, added});
  }

  static const KeySpan* find_in(const config::TableSpan& table, const std::string& name) {
    for (const auto& key : table.keys)
      if (key.path == config::KeyPath{name}) return &key;
    return nullptr;
  }

  // `model_providers = { ... }` closes the table: the only place left is inside.
  void set_member(Span parent, const Pairs& pairs, const Piece* existing) {
    std::string inner = "tpool = { ";
    for (std::size_t i = 0; i < pairs.size(); ++i)
      inner += (i > 0 ? ", " : "") + pairs[i].first + " = " + pairs[i].second;
    inner += " }";
    if (existing) {
      if (slice(text_, existing->span) != inner) edits_.push_back({existing->span, inner});
      return;
    }
    const bool empty = config::inline_members(text_, parent).empty();
    edits_.push_back({{parent.begin + 1, parent.begin + 1}, " " + inner + (empty ? "" : ",")});
  }

  std::string_view text_;
  const Layout& layout_;
  std::string newline_;
  std::string new_roots_;
  bool root_at_end_ = false;
  std::vector<TextEdit> edits_;
};

}  // namespace

Result<CodexFacts> read_codex(std::string_view text) {
  const auto layout = config::layout(text);
  if (!layout) return layout.error();
  CodexFacts facts;
  facts.model = root_string(text, *layout, "model");
  facts.model_provider = root_string(text, *layout, "model_provider");
  facts.model_catalog_json = root_string(text, *layout, "model_catalog_json");
  const auto pieces = find_pieces(text, *layout);
  facts.provider = !pieces.empty();
  facts.ours =
      std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.ours; });
  facts.base_url = provider_string(text, *layout, "base_url");
  facts.token = provider_string(text, *layout, "experimental_bearer_token");
  facts.catalog_url = provider_string(text, *layout, "model_catalog_url");
  return facts;
}

Result<PutIn> put_in(std::string_view text, const CodexValues& values) {
  const auto layout = config::layout(text);
  if (!layout) return layout.error();
  PutIn result;
  if (values.model) result.written["model"] = config::quote(*values.model);
  result.written["model_provider"] = config::quote(provider_name);
  if (values.catalog_file)
    result.written["model_catalog_json"] = config::quote(*values.catalog_file);
  Putting putting(text, *layout);
  for (const auto* name : {"model", "model_provider", "model_catalog_json"})
    if (const auto raw = result.written.find(name); raw != result.written.end())
      putting.set_root(name, raw->second);
  if (!values.catalog_file) putting.drop_root("model_catalog_json");
  putting.insert_roots();
  putting.set_provider(values);
  result.text = putting.finish();
  return result;
}

}  // namespace tpool::connect
