#include "core/connect/codex_pieces.hpp"

#include <algorithm>

#include "core/connect/codex_text.hpp"

namespace tpool::connect {
namespace {

using config::KeyPath;
using config::Layout;
using config::Span;

constexpr std::string_view parent = "model_providers";
// Where no comment can stand, a token of ours is the mark.
constexpr std::string_view token_start = "tpool_";

bool leads_to_us(const KeyPath& path) {
  return path.size() >= 2 && path[0] == parent && path[1] == provider_name;
}

const config::KeySpan* member(const std::vector<config::KeySpan>& members, std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const config::KeySpan& key) {
    return key.path.size() == 1 && key.path[0] == name;
  });
  return found == members.end() ? nullptr : &*found;
}

bool has_our_token(std::string_view text, Span inline_table) {
  const auto members = config::inline_members(text, inline_table);
  const auto* token = member(members, "experimental_bearer_token");
  const auto value = token ? config::unquote(slice(text, token->value)) : std::nullopt;
  return value && value->starts_with(token_start);
}

// Tables with nothing but empty lines between them are one piece.
bool follows_directly(std::string_view text, const std::vector<Piece>& pieces, Span span) {
  if (pieces.empty() || pieces.back().kind != Piece::Kind::header) return false;
  const Span between{pieces.back().span.end, span.begin};
  return slice(text, between).find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

const config::KeySpan* root_key(const Layout& layout, std::string_view name) {
  for (const auto& key : layout.tables.front().keys)
    if (key.path.size() == 1 && key.path[0] == name) return &key;
  return nullptr;
}

std::vector<Piece> find_pieces(std::string_view text, const Layout& layout) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < layout.tables.size(); ++i) {
    const auto& table = layout.tables[i];
    if (leads_to_us(table.path)) {
      // Comments after the last key introduce what follows: they are not part of the table.
      const auto end = table.keys.empty() ? table.header.end : table.keys.back().line.end;
      const Span span{table.header.begin, end};
      const bool ours = slice(text, span).find(table_mark) != std::string_view::npos;
      if (follows_directly(text, pieces, span)) {
        pieces.back().span.end = span.end;
        pieces.back().ours |= ours;
      } else {
        pieces.push_back({Piece::Kind::header, span, ours});
      }
      continue;
    }
    const bool is_parent = !table.is_array && table.path == KeyPath{std::string(parent)};
    if (i != 0 && !is_parent) continue;
    for (const auto& key : table.keys) {
      const bool dotted = i == 0 && leads_to_us(key.path);
      if (dotted || (is_parent && key.path[0] == provider_name))
        pieces.push_back(
            {dotted ? Piece::Kind::root_key : Piece::Kind::table_key, key.line, false});
      if (i != 0 || key.path != KeyPath{std::string(parent)}) continue;
      for (const auto& inner : config::inline_members(text, key.value))
        if (inner.path[0] == provider_name)
          pieces.push_back({Piece::Kind::inline_member,
                            {inner.key.begin, inner.value.end},
                            has_our_token(text, inner.value)});
    }
  }
  // A table below one of ours came with it.
  const bool ours = std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) {
    return piece.kind == Piece::Kind::header && piece.ours;
  });
  if (ours)
    for (auto& piece : pieces) piece.ours |= piece.kind == Piece::Kind::header;
  return pieces;
}

std::optional<Span> provider_value(std::string_view text, const Layout& layout,
                                   const std::string& name) {
  const std::string us(provider_name);
  const std::string above(parent);
  if (const auto* key = config::find_key(layout, {above, us, name})) return key->value;
  if (const auto* key = config::find_key(layout, {above, us})) {
    const auto members = config::inline_members(text, key->value);
    if (const auto* inner = member(members, name)) return inner->value;
  }
  if (const auto* key = config::find_key(layout, {above})) {
    const auto providers = config::inline_members(text, key->value);
    const auto* provider = member(providers, us);
    if (!provider) return std::nullopt;
    const auto members = config::inline_members(text, provider->value);
    if (const auto* inner = member(members, name)) return inner->value;
  }
  return std::nullopt;
}

}  // namespace tpool::connect
