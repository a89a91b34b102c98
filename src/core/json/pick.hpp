// Top-level members of an object as raw text, in one validating pass without a document.
//
// For looking at one or two small members of a large answer. values[i] becomes the text of the
// member called names[i] (the last one of duplicates), or empty when there is none. False when the
// text is not one valid JSON object; values are void then. Any thread; linear time.
#pragma once

#include <span>
#include <string_view>

namespace tpool::json {

bool pick(std::string_view text, std::span<const std::string_view> names,
          std::span<std::string_view> values);

}  // namespace tpool::json
