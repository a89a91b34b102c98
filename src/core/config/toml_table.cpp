#include "core/config/toml_table.hpp"

#include <algorithm>

#include "core/config/duration.hpp"
#include "core/config/edit.hpp"
#include "core/config/toml_spans.hpp"

namespace tpool::config {
namespace {

std::string below(const std::string& label, std::string_view key) {
  return label.empty() ? std::string(key) : label + "." + std::string(key);
}

}  // namespace

using Kind = TomlNode::Kind;

std::vector<std::string> unknown_keys(const Report& report) {
  std::vector<std::pair<TomlPlace, std::string>> found;
  for (const auto& [table, asked] : report.asked) {
    const std::vector<std::string> known(asked.keys.begin(), asked.keys.end());
    for (const auto& [key, member] : table->members) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      auto text = report.name + ":" + position(member) + ": " + below(asked.label, key_text(key)) +
                  " is no key of tpool's and changes nothing";
      if (const auto close = nearest(key, known); !close.empty())
        text += "; did you mean " + close.front() + "?";
      found.emplace_back(place(member), std::move(text));
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> sentences;
  for (auto& [where, text] : found) sentences.push_back(std::move(text));
  return sentences;
}

void Report::add(const TomlNode& node, const std::string& message, std::string hint) {
  if (!first) first = invalid(name + ":" + position(node) + ": " + message, std::move(hint));
}

const TomlNode* TomlTable::find(std::string_view key) const {
  auto& asked = report_.asked[&node_];
  asked.label = label_;
  asked.keys.push_back(key);
  for (const auto& [name, member] : node_.members)
    if (name == key) return &member;
  return nullptr;
}

std::string TomlTable::where(std::string_view key) const { return below(label_, key); }

const TomlNode* TomlTable::usable(std::string_view key) const {
  return report_.first ? nullptr : find(key);
}

bool TomlTable::refuse(const TomlNode& node, const std::string& where,
                       std::string_view wanted) const {
  report_.add(node, where + " must be " + std::string(wanted));
  return false;
}

void TomlTable::read_required(std::string_view key, std::string& out) const {
  if (report_.first) return;
  if (find(key) == nullptr) {
    report_.add(node_, label_ + " has no " + std::string(key));
    return;
  }
  read(key, out);
}

void TomlTable::read_word(std::string_view key, words::Set set,
                          std::optional<std::string>& out) const {
  std::optional<std::string> word;
  read(key, word);
  if (!word) return;
  if (words::holds(set, *word))
    out = std::move(word);
  else
    refuse(*find(key), where(key), words::list(set));
}

void TomlTable::read_word(std::string_view key, words::Set set, std::string& out) const {
  std::optional<std::string> word;
  read_word(key, set, word);
  if (word) out = std::move(*word);
}

void TomlTable::read_flags(std::string_view key, std::map<std::string, std::string>& out) const {
  const auto flags = table(key);
  if (!flags) return;
  for (const auto& [name, member] : flags->node().members) {
    if (member.kind == Kind::string)
      out[name] = member.text;
    else if (member.kind == Kind::boolean)
      out[name] = member.boolean ? "true" : "false";
    else if (member.kind == Kind::integer)
      out[name] = std::to_string(member.integer);
    else
      refuse(member, flags->where(name), "a string, a whole number, true or false");
  }
}

std::optional<TomlTable> TomlTable::table(std::string_view key) const {
  const TomlNode* found = usable(key);
  if (found == nullptr) return std::nullopt;
  if (found->kind != Kind::table) {
    refuse(*found, where(key), "a table");
    return std::nullopt;
  }
  return TomlTable(*found, where(key), report_);
}

std::vector<const TomlNode*> TomlTable::list(std::string_view key) const {
  const TomlNode* found = usable(key);
  if (found == nullptr) return {};
  const std::string wanted = "a list of tables: write each as [[" + where(key) + "]]";
  std::vector<const TomlNode*> elements;
  if (found->kind != Kind::array) {
    refuse(*found, where(key), wanted);
    return {};
  }
  for (const TomlNode& item : found->items) {
    if (item.kind != Kind::table) {
      refuse(item, where(key), wanted);
      return {};
    }
    elements.push_back(&item);
  }
  return elements;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, std::string& out) const {
  if (node.kind != Kind::string) return refuse(node, where, "a string in quotes");
  out = node.text;
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, bool& out) const {
  if (node.kind != Kind::boolean) return refuse(node, where, "true or false");
  out = node.boolean;
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, std::int64_t& out) const {
  if (node.kind != Kind::integer) return refuse(node, where, "a whole number");
  out = node.integer;
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, double& out) const {
  if (node.kind == Kind::integer)
    out = static_cast<double>(node.integer);
  else if (node.kind == Kind::real)
    out = node.real;
  else
    return refuse(node, where, "a number");
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, Milliseconds& out) const {
  const auto duration =
      node.kind == Kind::string ? parse_duration(node.text) : std::optional<Milliseconds>();
  if (!duration) return refuse(node, where, "a duration like \"250ms\", \"5s\", \"30m\" or \"1h\"");
  out = *duration;
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where, Failover& out) const {
  if (node.kind == Kind::array) {
    out.mode = Failover::Mode::list;
    return take(node, where, out.slugs);
  }
  if (node.kind != Kind::string || !words::holds(words::failovers, node.text))
    return refuse(node, where, "\"keys\", \"same-model\" or a list of slugs");
  out.mode = node.text == "keys" ? Failover::Mode::keys : Failover::Mode::same_model;
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where,
                     std::vector<std::string>& out) const {
  if (node.kind != Kind::array) return refuse(node, where, "a list of strings");
  out.clear();
  for (const TomlNode& item : node.items) {
    if (item.kind != Kind::string) return refuse(item, where, "a list of strings");
    out.push_back(item.text);
  }
  return true;
}

bool TomlTable::take(const TomlNode& node, const std::string& where,
                     std::map<std::string, std::string>& out) const {
  if (node.kind != Kind::table) return refuse(node, where, "a table of strings");
  for (const auto& [name, member] : node.members)
    if (!take(member, where + "." + name, out[name])) return false;
  return true;
}

}  // namespace tpool::config
