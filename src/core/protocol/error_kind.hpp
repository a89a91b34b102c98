// What kind of failure a provider's status and words are: the lexicon of OpenAI's family. Any
// thread.
#pragma once

#include <string_view>

#include "core/ir/event.hpp"

namespace tpool::protocol {

// `words` is all the provider said, in lower case; `json` is false for a page or plain text. A
// status below 300 is none: then only the words count.
ir::Failure::Kind error_kind(int status, std::string_view words, bool json);

}  // namespace tpool::protocol
