// A small JSON value that fits a JSON schema, so that echo can answer structured requests.
//
// Understands type, properties, required, items, minItems, enum, const, anyOf, oneOf, allOf (the
// first of them) and $ref into the same document; what it does not know it answers with the text.
// Bounded depth and size whatever the schema says. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool::protocol::echo {

// `text` is what strings are filled with. A schema that is not JSON gives {"answer": text}.
std::string sample(std::string_view schema, std::string_view text);

}  // namespace tpool::protocol::echo
