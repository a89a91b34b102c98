#include "proxy/admin/query.hpp"

#include <optional>

namespace tpool::admin {
namespace {

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? digit(text[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    plain += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return plain;
}

}  // namespace

Result<Parameters> read_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto one = query.substr(0, ampersand);
    query = ampersand == std::string_view::npos ? "" : query.substr(ampersand + 1);
    if (one.empty()) continue;
    const auto equals = one.find('=');
    const std::string name(one.substr(0, equals));
    const auto text =
        equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1);
    auto value = decoded(text);
    if (!value) return invalid("the value of " + name + " is not percent-encoded rightly");
    parameters.emplace_back(name, std::move(*value));
  }
  return parameters;
}

}  // namespace tpool::admin
