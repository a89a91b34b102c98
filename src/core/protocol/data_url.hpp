// What a part's URL holds: bytes of its own, or a place to fetch them from. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tpool::protocol {

// "data:image/png;base64,iVBO...": views into the URL.
struct DataUrl {
  std::string_view media_type;  // without parameters; may be empty
  std::string_view data;        // base64
};

// Nullopt for anything but a data: URL in base64.
std::optional<DataUrl> read_data_url(std::string_view url);

// The media type a file name or the path of a URL suggests; empty when it suggests none.
std::string_view media_type_of(std::string_view name);

}  // namespace tpool::protocol
