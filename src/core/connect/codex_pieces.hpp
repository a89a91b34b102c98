// Where model_providers.tpool is defined in a config.toml, in all the ways TOML allows.
//
// A header with its keys, dotted keys of the root, keys below [model_providers], or a member of an
// inline table. Spans of the text; pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/toml_spans.hpp"

namespace tpool::connect {

// The comment that makes a table ours.
inline constexpr std::string_view table_mark =
    "# Written by tpool. `tpool pool disable` takes it out again.";

struct Piece {
  enum class Kind { header, root_key, table_key, inline_member };
  Kind kind = Kind::header;
  config::Span span;  // whole lines; of an inline member its key to the end of its value
  bool ours = false;
};

std::vector<Piece> find_pieces(std::string_view text, const config::Layout& layout);

// The value span of model_providers.tpool.<name>, whichever way it is written.
std::optional<config::Span> provider_value(std::string_view text, const config::Layout& layout,
                                           const std::string& name);

// The root key, not one of the same name in a table.
const config::KeySpan* root_key(const config::Layout& layout, std::string_view name);

std::string_view slice(std::string_view text, config::Span span);

}  // namespace tpool::connect
