// The part of toml_entry that prints.
#include "core/config/toml_entry.hpp"

namespace tpool::config {
namespace {

constexpr std::size_t widest_array = 96;

// Fields that share their first name become one inline table.
std::vector<std::pair<std::string, std::string>> grouped(const std::vector<TomlField>& fields) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const TomlField& field = fields[i];
    if (!field.value) continue;
    if (field.path.size() == 1) {
      pairs.emplace_back(field.path[0], *field.value);
      continue;
    }
    const std::string member = key_text(field.path[1]) + " = " + *field.value;
    if (!pairs.empty() && pairs.back().first == field.path[0]) {
      std::string& table = pairs.back().second;
      table.replace(table.size() - 2, 2, ", " + member + " }");
    } else {
      pairs.emplace_back(field.path[0], "{ " + member + " }");
    }
  }
  return pairs;
}

// A long array, one element to a line.
std::string wrapped(const std::string& value, const std::string& newline) {
  if (value.size() <= widest_array || !value.starts_with('[')) return value;
  std::string out = "[" + newline;
  for (const Span& element : array_elements(value, {0, value.size()}))
    out += "  " + value.substr(element.begin, element.end - element.begin) + "," + newline;
  return out + "]";
}

}  // namespace

std::string block_text(const TomlEntry& entry, const std::string& header,
                       const std::string& newline) {
  std::string out = "[[" + header + "]]" + newline;
  for (const auto& [key, value] : grouped(entry.fields))
    out += key_text(key) + " = " + wrapped(value, newline) + newline;
  for (const auto& [name, entries] : entry.lists)
    for (const TomlEntry& inner : entries)
      out += newline + block_text(inner, header + "." + name, newline);
  return out;
}

std::string inline_text(const TomlEntry& entry) {
  std::string out;
  const auto add = [&](const std::string& key, const std::string& value) {
    out += (out.empty() ? "{ " : ", ") + key_text(key) + " = " + value;
  };
  for (const auto& [key, value] : grouped(entry.fields)) add(key, value);
  for (const auto& [name, entries] : entry.lists) {
    if (entries.empty()) continue;
    std::string list;
    for (const TomlEntry& inner : entries) list += (list.empty() ? "" : ", ") + inline_text(inner);
    add(name, "[" + list + "]");
  }
  return out.empty() ? "{}" : out + " }";
}

}  // namespace tpool::config
