#include "core/protocol/chat/text_template.hpp"

#include "core/json/value.hpp"

namespace tpool::protocol::chat {

namespace {

// Decodes the inside of a JSON string. False for what is no plain string or needs more care.
bool decode_inside(std::string_view raw, std::string& out) {
  out.clear();
  std::size_t from = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto c = static_cast<unsigned char>(raw[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    if (c != '\\' || i + 1 >= raw.size()) return false;
    out.append(raw.substr(from, i - from));
    switch (raw[++i]) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case '"':
      case '\\':
      case '/': out += raw[i]; break;
      default: return false;
    }
    from = i + 1;
  }
  out.append(raw.substr(from));
  return json::find_invalid_utf8(out) == std::string_view::npos;
}

}  // namespace

void TextTemplate::learn(std::string_view data, std::string_view member, std::string_view text) {
  before_.clear();
  after_.clear();
  std::string name = "\"";
  name += member;
  name += "\":";
  const std::size_t at = data.find(name);
  // Twice in one chunk, it is not certain which of them was meant.
  if (at == std::string_view::npos || data.find(name, at + 1) != std::string_view::npos) return;
  std::size_t begin = at + name.size();
  while (begin < data.size() && data[begin] == ' ') ++begin;
  if (begin >= data.size() || data[begin] != '"') return;
  ++begin;
  std::size_t end = begin;
  while (end < data.size() && data[end] != '"') end += data[end] == '\\' ? 2 : 1;
  if (end >= data.size()) return;
  std::string decoded;
  if (!decode_inside(data.substr(begin, end - begin), decoded) || decoded != text) return;
  before_ = data.substr(0, begin);
  after_ = data.substr(end);
}

bool TextTemplate::match(std::string_view data, std::string& text) const {
  if (before_.empty() || data.size() < before_.size() + after_.size()) return false;
  if (!data.starts_with(before_) || !data.ends_with(after_)) return false;
  data.remove_prefix(before_.size());
  data.remove_suffix(after_.size());
  return decode_inside(data, text);
}

}  // namespace tpool::protocol::chat
