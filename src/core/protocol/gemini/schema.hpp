// JSON Schema in Gemini's own words: the subset of OpenAPI that its Schema message can hold.
//
// References are written out where they stand, `allOf` is merged, `oneOf` becomes `anyOf`, `const`
// an enum, a type list with null `nullable`. What the subset has no word for goes into the
// description where words help, and is counted as "tools.schema.<keyword>" or, for an output
// format, "text.format.<keyword>". Recursion, depth and size are bounded. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"

namespace tpool::protocol::gemini {

// The schema of a function's arguments: always an object. Empty when there are no properties, as
// Gemini then wants no schema at all.
std::string parameters_schema(std::string_view json, std::vector<ir::Loss>& losses);

// The schema of an answer, with the order of its properties.
std::string response_schema(std::string_view json, std::vector<ir::Loss>& losses);

}  // namespace tpool::protocol::gemini
