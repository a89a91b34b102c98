// How a Responses client is told of a failure, so that Codex does the right thing with it.
//
// Codex multiplies retries: a final error must look final (`invalid_prompt`, shown as it is), a
// wait worth making must name its seconds, and only a stream that broke in the middle is left to
// Codex's own retry. Raw 401, 402, 403, 5xx and hour-long Retry-After never leave. Any thread.
#pragma once

#include <string>

#include "core/protocol/codec.hpp"

namespace tpool::protocol::responses {

struct Told {
  std::string code;
  std::string message;
  bool wait = false;  // worth waiting for by the client itself
};

// `begun`: something of the answer was already sent. Waits beyond `longest` are said in words, and
// are final.
Told tell(const ir::Failure& failure, bool begun, Milliseconds longest = ReplyContext().told_wait);

ErrorReply encode_error(const ir::Failure& failure, const ReplyContext& context = {});

}  // namespace tpool::protocol::responses
