#include "core/ir/tool_names.hpp"

#include <algorithm>
#include <cstdint>

namespace tpool::ir {
namespace {

constexpr std::size_t least_length = 16;
constexpr std::size_t suffix_length = 9;  // '_' and eight hex digits

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string cleaned(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (!allowed(c)) c = '_';
  return out;
}

std::string plain(std::string_view space, std::string_view name, bool letter_first) {
  std::string out = space.empty() ? cleaned(name) : cleaned(space) + "__" + cleaned(name);
  if (out.empty()) return "tool";
  const bool letter =
      out[0] == '_' || (out[0] >= 'a' && out[0] <= 'z') || (out[0] >= 'A' && out[0] <= 'Z');
  return letter_first && !letter ? "_" + out : out;
}

std::string tool_key(std::string_view space, std::string_view name) {
  std::string key(space);
  key += '\0';
  key += name;
  return key;
}

// FNV-1a: the same on every machine and in every version, because prompt caches depend on it.
std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

std::string suffix(std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::uint32_t hash = fnv1a(key);
  std::string out = "_";
  for (int shift = 28; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 15];
  return out;
}

}  // namespace

ToolNames::ToolNames(const Request& request, std::size_t max_length, bool letter_first)
    : max_length_(std::max(max_length, least_length)), letter_first_(letter_first) {
  for (const Tool& tool : request.tools)
    if (tool.kind != ToolKind::hosted) add(tool.kind, tool.space, tool.name);
  for (const Item& item : request.items)
    if (const auto* call = std::get_if<ToolCall>(&item.value))
      if (call->kind != ToolKind::hosted) add(call->kind, call->space, call->name);
}

// The name cut to the length, with a suffix when something had to be cut.
std::string ToolNames::fitted(std::string_view space, std::string_view name) const {
  std::string out = plain(space, name, letter_first_);
  if (out.size() > max_length_) {
    out.resize(max_length_ - suffix_length);
    out += suffix(tool_key(space, name));
  }
  return out;
}

void ToolNames::add(ToolKind kind, const std::string& space, const std::string& name) {
  const std::string key = tool_key(space, name);
  if (!by_tool_.emplace(key, names_.size()).second) return;
  std::string wire = fitted(space, name);
  std::string salted = key;
  while (by_wire_.contains(wire)) {
    wire =
        plain(space, name, letter_first_).substr(0, max_length_ - suffix_length) + suffix(salted);
    salted += '\0';
  }
  by_wire_.emplace(wire, names_.size());
  names_.push_back({kind, space, name, std::move(wire)});
}

std::string ToolNames::wire(std::string_view space, std::string_view name) const {
  const auto known = by_tool_.find(tool_key(space, name));
  return known == by_tool_.end() ? fitted(space, name) : names_[known->second].wire;
}

const ToolNames::Name* ToolNames::find(std::string_view wire) const {
  const auto known = by_wire_.find(std::string(wire));
  return known == by_wire_.end() ? nullptr : &names_[known->second];
}

}  // namespace tpool::ir
