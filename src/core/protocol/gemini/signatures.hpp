// Thought signatures: encrypted reasoning that belongs to one part of an answer and must come back
// on that very part. Sealed as a JSON object of one member that says which. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ir/request.hpp"

namespace tpool::protocol::gemini {

struct Signature {
  enum class Place {
    call,     // the function call that follows
    text,     // the text before
    alone,    // an empty text of its own
    thought,  // a thought; its words are the summary
  };
  Place place = Place::call;
  std::string data;
};

ir::Opaque seal(const Signature& signature, const std::string& provider, const std::string& model);

// Nullopt when this is no signature, or not one of this provider's model.
std::optional<Signature> open(const ir::Opaque& opaque, const std::string& provider,
                              const std::string& model);

}  // namespace tpool::protocol::gemini
