#include "core/protocol/leading_type.hpp"

namespace tpool::protocol {

std::string_view leading_type(std::string_view data) {
  constexpr std::string_view name = "\"type\"";
  std::size_t at = data.substr(0, 64).find(name);
  if (at == std::string_view::npos ||
      data.substr(0, at).find_first_not_of(" {\n") != std::string_view::npos) {
    return {};
  }
  at += name.size();
  while (at < data.size() && (data[at] == ' ' || data[at] == ':')) ++at;
  if (at >= data.size() || data[at] != '"') return {};
  const std::size_t end = data.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view() : data.substr(at + 1, end - at - 1);
}

}  // namespace tpool::protocol
