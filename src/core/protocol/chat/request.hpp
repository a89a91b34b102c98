// A Chat Completions request to the IR and back.
//
// Encoding turns the IR's items into messages the strictest providers accept: one assistant message
// per reply with all its calls, their results right after it in call order, text as plain strings.
// What was done about the rest is in the losses:
//   approximated  a call without a result gets one that says so; a result without a call becomes
//                 user text; images in a tool result follow in a user message; custom tools are
//                 functions of one string; a JSON schema the provider cannot enforce is said in a
//                 system message
//   dropped       hosted tools, verbosity, foreign reasoning, unknown items and members
//   refused       what needs another server's memory (previous_response_id, item references)
// Left out without a word, as the model never sees it: store, include, metadata, user ids, service
// tier, the wish for a reasoning summary, and cache keys the provider does not know. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/ir/request.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/fields.hpp"

namespace tpool::protocol::chat {

Result<ir::Request> decode_request(std::string_view body);
Encoded encode_request(const ir::Request& request, const Target& target);

// `messages` of a request, appended to its items.
std::optional<Error> decode_messages(json::Value list, const Path& path, ir::Request& request);
std::optional<Error> decode_tools(json::Value root, const Path& path, ir::Request& request);

// Writes the `messages` array. `note` is said in a system message after the leading ones.
void write_messages(json::Writer& writer, const ir::Request& request, const Target& target,
                    const std::string& note, Encoded& encoded);

// Tools and tool_choice, or neither.
void write_tools(json::Writer& writer, const ir::Request& request, const Target& target,
                 Encoded& encoded);

// The assistant's reasoning of an earlier turn, sealed so that it can be replayed to its provider:
// a JSON object of message members.
inline constexpr std::string_view sealed_kind = "chat_reasoning";

}  // namespace tpool::protocol::chat
