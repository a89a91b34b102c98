#include <array>

#include "core/config/edit.hpp"
#include "core/config/validate.hpp"

namespace tpool::config {
namespace {

constexpr std::size_t longest_id = 56;

// The letters of U+00C0 to U+00FF in plain ASCII; empty where there is none.
constexpr std::array<std::string_view, 64> latin{
    "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "ss",
    "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "y"};

std::string plain(std::string_view name) {
  std::string out;
  const auto separate = [&] {
    if (!out.empty() && out.back() != '-') out += '-';
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
      out += c;
    } else if (c == '\xC3' && i + 1 < name.size() &&
               (static_cast<unsigned char>(name[i + 1]) & 0xC0) == 0x80) {
      const std::string_view letters = latin[static_cast<unsigned char>(name[++i]) & 0x3F];
      if (letters.empty())
        separate();
      else
        out += letters;
    } else {
      separate();
    }
  }
  return out;
}

std::string cut(std::string id, std::size_t size) {
  id.resize(std::min(id.size(), size));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

}  // namespace

std::string derive_provider_id(const Config& config, std::string_view name) {
  std::string base = cut(plain(name), longest_id);
  if (base.empty()) base = "provider";
  std::string id = base;
  for (int number = 2; find_provider(config, id) != nullptr; ++number) {
    const std::string suffix = "-" + std::to_string(number);
    id = cut(base, longest_id - suffix.size()) + suffix;
  }
  return id;
}

}  // namespace tpool::config
