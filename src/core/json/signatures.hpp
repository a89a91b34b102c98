// Signed thinking in a document of the Messages protocol, and where its bytes are.
//
// For relays, which edit in place: one validating pass without a document. Only objects of type
// "thinking" with a string member `signature`, or "redacted_thinking" with `data`, at the place
// such blocks have are told. Any thread; linear time.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/json/scan.hpp"

namespace tpool::json {

struct Signature {
  Range block;               // the whole object
  Range value;               // the signature or the data, with quotes
  std::size_t list = 0;      // number of the array it stands in
  std::size_t siblings = 0;  // elements of that array, itself included
};

// Of `messages[].content[]`. Empty when the text is not valid.
std::vector<Signature> request_signatures(std::string_view body);
// Of `content[]`.
std::vector<Signature> answer_signatures(std::string_view body);

}  // namespace tpool::json
