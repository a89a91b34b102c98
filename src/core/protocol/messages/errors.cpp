#include "core/protocol/messages/errors.hpp"

#include "core/json/write.hpp"

namespace tpool::protocol::messages {

namespace {

using Kind = ir::Failure::Kind;

struct Shape {
  int status;
  std::string_view type;
};

Shape shape_of(const ir::Failure& failure) {
  switch (failure.kind) {
    case Kind::unreachable:
    case Kind::no_answer:
    case Kind::cut:
    case Kind::garbage: return {502, "api_error"};
    case Kind::silent: return {504, "timeout_error"};
    case Kind::overloaded: return {529, "overloaded_error"};
    case Kind::rate_limited: return {429, "rate_limit_error"};
    case Kind::quota: return {402, "billing_error"};
    case Kind::auth:
    case Kind::forbidden:
    case Kind::hold: return {403, "permission_error"};
    case Kind::invalid_request:
    case Kind::unsupported: {
      // Refusals of ours have no kind of their own.
      if (failure.status == 401) return {401, "authentication_error"};
      if (failure.status == 403 || failure.status == 421) return {403, "permission_error"};
      if (failure.status == 404) return {404, "not_found_error"};
      const bool theirs = failure.status == 413 || failure.status == 422;
      return {theirs ? failure.status : 400, "invalid_request_error"};
    }
    case Kind::context_length:
    case Kind::refused: return {400, "invalid_request_error"};
    case Kind::not_found: return {404, "not_found_error"};
    case Kind::too_large: return {413, "request_too_large"};
    case Kind::cancelled: return {499, "api_error"};
    case Kind::internal: break;
  }
  return {500, "api_error"};
}

}  // namespace

ErrorReply encode_error(const ir::Failure& failure) {
  const Shape shape = shape_of(failure);
  ErrorReply reply;
  reply.status = shape.status;
  reply.retry_after = failure.retry_after;
  json::Writer writer(reply.body);
  writer.begin_object().member("type", "error").key("error").begin_object();
  writer.member("type", shape.type);
  std::string message = failure.message;
  if (message.empty()) message = ir::to_string(failure.kind);
  // What Claude Code looks for before it makes the conversation shorter.
  if (failure.kind == Kind::context_length && message.find("prompt is too long") == message.npos) {
    message = "prompt is too long: " + message;
  }
  writer.member("message", message).end_object().end_object();
  return reply;
}

}  // namespace tpool::protocol::messages
