#include "core/protocol/provider_json.hpp"

namespace tpool::protocol {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The code unit of "\\uXXXX" at `at`, -1 when there is none.
int unit_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    if (hex(text[i]) < 0) return -1;
    unit = unit * 16 + hex(text[i]);
  }
  return unit;
}

// Escapes of half a surrogate pair, replaced in place: all escapes are six bytes.
void repair_surrogates(std::string& text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
    const int unit = unit_at(text, at);
    if (unit < 0) {
      at += 2;
      continue;
    }
    const bool high = unit >= 0xD800 && unit <= 0xDBFF;
    const int next = high ? unit_at(text, at + 6) : -1;
    if (next >= 0xDC00 && next <= 0xDFFF) {
      at += 12;
      continue;
    }
    if (unit >= 0xD800 && unit <= 0xDFFF) text.replace(at, 6, "\\ufffd");
    at += 6;
  }
}

}  // namespace

Result<json::Document> parse_provider_json(std::string_view text) {
  auto document = json::Document::parse(text, "answer");
  if (document) return document;
  std::string repaired = json::replace_invalid_utf8(text);
  repair_surrogates(repaired);
  if (repaired == text) return document;
  return json::Document::parse(repaired, "answer");
}

}  // namespace tpool::protocol
