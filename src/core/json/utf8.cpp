#include "core/json/utf8.hpp"

#include "core/json/plain.hpp"

namespace tpool::json {

std::size_t find_invalid_utf8(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* p = skip_ascii(begin, end); p != end;) {
    const std::size_t length = utf8_length(p, end);
    if (length == 0) return static_cast<std::size_t>(p - begin);
    p += length;
    // Other scripts come in runs: look for ASCII byte by byte before jumping on.
    if (p != end && static_cast<unsigned char>(*p) < 0x80) p = skip_ascii(p, end);
  }
  return std::string_view::npos;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bad = find_invalid_utf8(text);
    out.append(text, 0, bad);
    if (bad == std::string_view::npos) break;
    out += "\xef\xbf\xbd";
    text.remove_prefix(bad + 1);
    // The rest of a broken sequence is one mistake, not several.
    while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0) == 0x80)
      text.remove_prefix(1);
  }
  return out;
}

std::string printable(std::string_view text) {
  const auto clean = replace_invalid_utf8(text);
  std::string result;
  for (std::size_t at = 0; at < clean.size();) {
    const auto from = at;
    const auto point = next_point(clean, at);
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool turn = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    if (control || turn)
      result += "\xef\xbf\xbd";
    else
      result.append(clean, from, at - from);
  }
  return result;
}

char32_t next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  char32_t point = lead & (0x3f >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 0x3f);
  return point;
}

}  // namespace tpool::json
