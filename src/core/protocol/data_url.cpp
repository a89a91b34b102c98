#include "core/protocol/data_url.hpp"

#include <array>
#include <utility>

namespace tpool::protocol {

std::optional<DataUrl> read_data_url(std::string_view url) {
  constexpr std::string_view scheme = "data:";
  constexpr std::string_view coding = ";base64";
  if (!url.starts_with(scheme)) return {};
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return {};
  std::string_view type = url.substr(scheme.size(), comma - scheme.size());
  if (!type.ends_with(coding)) return {};
  type.remove_suffix(coding.size());
  return DataUrl{type.substr(0, type.find(';')), url.substr(comma + 1)};
}

std::string_view media_type_of(std::string_view name) {
  using Known = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Known, 16> types = {{{"png", "image/png"},
                                            {"jpg", "image/jpeg"},
                                            {"jpeg", "image/jpeg"},
                                            {"webp", "image/webp"},
                                            {"gif", "image/gif"},
                                            {"heic", "image/heic"},
                                            {"pdf", "application/pdf"},
                                            {"json", "application/json"},
                                            {"txt", "text/plain"},
                                            {"md", "text/markdown"},
                                            {"csv", "text/csv"},
                                            {"html", "text/html"},
                                            {"mp3", "audio/mp3"},
                                            {"wav", "audio/wav"},
                                            {"mp4", "video/mp4"},
                                            {"mov", "video/mov"}}};
  name = name.substr(0, name.find_first_of("?#"));
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string ending(name.substr(dot + 1));
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const auto& [known, type] : types) {
    if (ending == known) return type;
  }
  return {};
}

}  // namespace tpool::protocol
