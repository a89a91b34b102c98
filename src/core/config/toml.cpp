#include "core/config/toml.hpp"

#include <map>
#include <sstream>
#include <toml.hpp>

#include "core/config/toml_lexer.hpp"
#include "core/config/toml_spans.hpp"
#include "core/config/toml_tree.hpp"

namespace tpool::config {
namespace {

using Value = toml::basic_value<toml::discard_comments, std::map, std::vector>;

TomlNode convert(const Value& value) {
  TomlNode node;
  node.origin = &value;
  switch (value.type()) {
    case toml::value_t::string:
      node.kind = TomlNode::Kind::string;
      node.text = value.as_string().str;
      break;
    case toml::value_t::integer:
      node.kind = TomlNode::Kind::integer;
      node.integer = value.as_integer();
      break;
    case toml::value_t::floating:
      node.kind = TomlNode::Kind::real;
      node.real = value.as_floating();
      break;
    case toml::value_t::boolean:
      node.kind = TomlNode::Kind::boolean;
      node.boolean = value.as_boolean();
      break;
    case toml::value_t::array:
      node.kind = TomlNode::Kind::array;
      for (const Value& item : value.as_array()) node.items.push_back(convert(item));
      break;
    case toml::value_t::table:
      node.kind = TomlNode::Kind::table;
      for (const auto& [key, member] : value.as_table())
        node.members.emplace_back(key, convert(member));
      break;
    default: node.kind = TomlNode::Kind::time; break;
  }
  return node;
}

// The library's first line without its marks: "[error] toml::parse_x: what went wrong".
std::string reason(std::string_view what) {
  what = what.substr(0, what.find('\n'));
  if (what.starts_with("[error] ")) what.remove_prefix(8);
  if (what.starts_with("toml::")) {
    const auto colon = what.find(": ");
    if (colon != std::string_view::npos) what.remove_prefix(colon + 2);
  }
  return what.empty() ? "not valid TOML" : std::string(what);
}

// Offset of the first byte that is not UTF-8 or is a control character TOML forbids.
std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      const bool line_end = lead == '\n' || lead == '\t' || (lead == '\r' && byte(i + 1) == '\n');
      if ((lead < 0x20 && !line_end) || lead == 0x7F) return i;
      ++i;
      continue;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    std::uint32_t point = lead & (0x7FU >> size);
    for (std::size_t k = 1; k < size; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
      point = (point << 6) | (byte(i + k) & 0x3FU);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (lead < 0xC2 || lead > 0xF4 || point < smallest[size] || point > 0x10FFFF ||
        (point >= 0xD800 && point <= 0xDFFF))
      return i;
    i += size;
  }
  return std::string_view::npos;
}

Error named(const std::string& name, const Error& error) {
  return invalid(name + ":" + error.message, error.hint);
}

std::string place(const toml::source_location& where) {
  return std::to_string(where.line()) + ":" + std::to_string(where.column());
}

}  // namespace

Result<TomlTree> read_tree(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const auto bad = first_bad_byte(text); bad != std::string_view::npos)
    return named(name, TomlLexer(text).error_at(bad, "not a character of UTF-8 text"));
  // The library recurses on nesting; the lexer refuses depth before it gets to see it.
  const auto lexed = layout(text);
  if (!lexed) return named(name, lexed.error());
  try {
    std::istringstream stream{std::string(text)};
    auto value = std::make_shared<const Value>(
        toml::parse<toml::discard_comments, std::map, std::vector>(stream, name));
    TomlTree tree;
    tree.root = convert(*value);
    tree.keep = std::move(value);
    return tree;
  } catch (const toml::exception& error) {
    return invalid(name + ":" + place(error.location()) + ": " + reason(error.what()));
  } catch (const std::exception& error) {
    return invalid(name + ":1:1: " + reason(error.what()));
  }
}

TomlPlace place(const TomlNode& node) {
  const auto where = static_cast<const Value*>(node.origin)->location();
  return {where.line(), where.column()};
}

std::string position(const TomlNode& node) {
  const auto [line, column] = place(node);
  return std::to_string(line) + ":" + std::to_string(column);
}

Result<> check_syntax(std::string_view text, const std::string& name) {
  const auto tree = read_tree(text, name);
  if (!tree) return tree.error();
  return {};
}

}  // namespace tpool::config
