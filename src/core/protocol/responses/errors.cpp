#include "core/protocol/responses/errors.hpp"

#include <algorithm>

#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::responses {

namespace {

using Kind = ir::Failure::Kind;

bool is_transient(Kind kind) {
  switch (kind) {
    case Kind::unreachable:
    case Kind::no_answer:
    case Kind::cut:
    case Kind::silent:
    case Kind::garbage:
    case Kind::overloaded: return true;
    default: return false;
  }
}

std::int64_t seconds_up(Milliseconds wait) { return (wait.count() + 999) / 1000; }

// "2 h 5 min", "45 min", "130 s": what a person reads.
std::string in_words(Milliseconds wait) {
  const std::int64_t seconds = seconds_up(wait);
  if (seconds < 600) return std::to_string(seconds) + " s";
  const std::int64_t minutes = (seconds + 59) / 60;
  if (minutes < 120) return std::to_string(minutes) + " min";
  if (minutes < 48 * 60) {
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
  }
  return std::to_string((minutes + 1439) / 1440) + " days";
}

// Providers end their messages with a point or not.
void add_sentence(std::string& message, std::string_view sentence) {
  const bool ended =
      message.empty() || std::string_view(".!?").find(message.back()) != std::string_view::npos;
  message.append(ended ? " " : ". ").append(sentence);
}

}  // namespace

Told tell(const ir::Failure& failure, bool begun, Milliseconds longest) {
  Told told{"invalid_prompt", failure.message};
  if (told.message.empty()) told.message = std::string(ir::to_string(failure.kind));
  if (failure.code == "previous_response_not_found") {
    told.code = failure.code;
    return told;
  }
  if (failure.kind == Kind::context_length) {
    told.code = "context_length_exceeded";
    return told;
  }
  if (failure.kind == Kind::not_found) {
    told.code = "model_not_found";
    return told;
  }
  const bool waits = failure.kind == Kind::rate_limited || is_transient(failure.kind);
  const bool said = told.message.find("try again in ") != std::string::npos;
  if (waits && failure.retry_after && *failure.retry_after <= longest) {
    told.code = "rate_limit_exceeded";
    told.wait = true;
    // Codex reads the delay from the words.
    if (!said) {
      const std::int64_t seconds = std::max<std::int64_t>(1, seconds_up(*failure.retry_after));
      add_sentence(told.message, "Please try again in " + std::to_string(seconds) + "s.");
    }
    return told;
  }
  if (failure.retry_after) {
    if (!said)
      add_sentence(told.message, "It can be used again in " + in_words(*failure.retry_after) + ".");
    return told;
  }
  if (begun && failure.kind == Kind::rate_limited) told.code = "rate_limit_exceeded";
  // Codex goes on from what it has; before that, retrying was our work and is done.
  if (begun && is_transient(failure.kind)) told.code = "server_error";
  return told;
}

ErrorReply encode_error(const ir::Failure& failure, const ReplyContext& context) {
  const Told told = tell(failure, false, context.told_wait);
  ErrorReply reply;
  reply.status = 400;
  std::string_view type = "invalid_request_error";
  if (told.wait) {
    reply.status = 429;
    reply.retry_after = failure.retry_after;
    type = "rate_limit_error";
  } else if (failure.kind == Kind::not_found) {
    reply.status = 404;
  }
  reply.body = error_body(told.message, type, told.code, failure);
  return reply;
}

}  // namespace tpool::protocol::responses
