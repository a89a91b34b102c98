#include "core/protocol/chat/errors.hpp"

#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::chat {

namespace {

using Kind = ir::Failure::Kind;

struct Shape {
  int status;
  std::string_view type;
  std::string_view code;
};

// "server_error" is what clients of this protocol ask again for, also inside a stream.
Shape shape_of(const ir::Failure& failure) {
  switch (failure.kind) {
    case Kind::unreachable: return {502, "server_error", "provider_unreachable"};
    case Kind::no_answer:
    case Kind::cut:
    case Kind::garbage: return {502, "server_error", "bad_gateway"};
    case Kind::silent: return {504, "server_error", "timeout"};
    case Kind::overloaded: return {503, "server_error", "overloaded"};
    case Kind::rate_limited: return {429, "rate_limit_error", "rate_limit_exceeded"};
    case Kind::quota: return {429, "insufficient_quota", "insufficient_quota"};
    case Kind::auth: return {403, "permission_error", "provider_auth"};
    case Kind::forbidden: return {403, "permission_error", "provider_forbidden"};
    case Kind::hold: return {403, "permission_error", "provider_hold"};
    case Kind::invalid_request:
    case Kind::unsupported: {
      const bool theirs = failure.status == 413 || failure.status == 422;
      return {theirs ? failure.status : 400, "invalid_request_error", "invalid_request"};
    }
    case Kind::context_length: return {400, "invalid_request_error", "context_length_exceeded"};
    case Kind::not_found: return {404, "invalid_request_error", "model_not_found"};
    case Kind::refused: return {400, "invalid_request_error", "content_policy_violation"};
    case Kind::too_large: return {413, "invalid_request_error", "request_too_large"};
    case Kind::cancelled: return {499, "api_error", "cancelled"};
    case Kind::internal: break;
  }
  return {500, "server_error", "internal_error"};
}

}  // namespace

ErrorReply encode_error(const ir::Failure& failure) {
  const Shape shape = shape_of(failure);
  ErrorReply reply;
  reply.status = shape.status;
  reply.retry_after = failure.retry_after;
  std::string_view message = failure.message;
  if (message.empty()) message = ir::to_string(failure.kind);
  // The provider's own code is more exact where the fault is the request's.
  const bool theirs = !failure.code.empty() && shape.code == "invalid_request";
  reply.body = error_body(message, shape.type, theirs ? std::string_view(failure.code) : shape.code,
                          failure);
  return reply;
}

}  // namespace tpool::protocol::chat
