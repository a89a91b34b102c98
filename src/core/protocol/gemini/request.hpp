// The IR as a Gemini request (models/MODEL:generateContent, v1beta).
//
// Contents alternate between user and model: every call of a reply stands in one model content, its
// results right after it in call order. What was done about the rest is in the losses:
//   approximated  schemas (see schema.hpp); custom tools are functions of one string; a call
//   without
//                 a result gets one that says so; a result without a call becomes user text; images
//                 of a tool follow in a user content; system messages inside the history are user
//                 text; a call of another model carries the provider's placeholder for a signature
//   dropped       hosted tools, verbosity, foreign reasoning, unknown items and members
//   refused       what needs another server's memory
// Any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/ir/request.hpp"
#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"

namespace tpool::protocol::gemini {

Encoded encode_request(const ir::Request& request, const Target& target);

// Writes `systemInstruction` and `contents`; `note` is said after the system's words.
void write_contents(json::Writer& writer, const ir::Request& request, const Target& target,
                    const std::string& note, Encoded& encoded);

// Writes `tools` and `toolConfig`, or neither.
void write_tools(json::Writer& writer, const ir::Request& request, const Target& target,
                 Encoded& encoded);

}  // namespace tpool::protocol::gemini
