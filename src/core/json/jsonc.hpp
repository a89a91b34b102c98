// JSON as people keep it in settings files: with comments and trailing commas, edited at exact
// spans.
//
// An edit touches the member it names and the comma that member needs; every other byte, comments
// and line ends among them, stays as it came. Of duplicate names the last counts, as it does for
// the programs that read such files. Pure; linear time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::json {

using Path = std::vector<std::string>;  // names from the root object on

// The same text as strict JSON of the same length: comments and trailing commas are spaces.
std::string without_comments(std::string_view text);

// invalid, with line and column, when the text is not one object. An empty file is an empty object.
Result<> check_settings(std::string_view text, std::string_view what);

// The raw value at a path of a text that passed check_settings; nullopt when it is not there.
std::optional<std::string> value_at(std::string_view text, const Path& path);

// Sets the value at a path, making the objects on the way. conflict, naming it, when something on
// the way is no object. `value` is JSON, laid out already; its further lines are indented to fit.
Result<std::string> with_value(std::string_view text, const Path& path, std::string_view value);

// The text with `raw` for the value at a path, byte for byte; as it is when there is none.
std::string with_raw(std::string_view text, const Path& path, std::string_view raw);

// The text without the member at a path; as it is when there is none.
std::string without_value(std::string_view text, const Path& path);

}  // namespace tpool::json
