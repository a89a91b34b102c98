#include "core/ir/event.hpp"

namespace tpool::ir {

std::string_view to_string(Failure::Kind kind) {
  using Kind = Failure::Kind;
  switch (kind) {
    case Kind::unreachable: return "unreachable";
    case Kind::no_answer: return "no_answer";
    case Kind::cut: return "cut";
    case Kind::silent: return "silent";
    case Kind::garbage: return "garbage";
    case Kind::overloaded: return "overloaded";
    case Kind::rate_limited: return "rate_limited";
    case Kind::quota: return "quota";
    case Kind::auth: return "auth";
    case Kind::forbidden: return "forbidden";
    case Kind::invalid_request: return "invalid_request";
    case Kind::unsupported: return "unsupported";
    case Kind::context_length: return "context_length";
    case Kind::not_found: return "not_found";
    case Kind::refused: return "refused";
    case Kind::hold: return "hold";
    case Kind::too_large: return "too_large";
    case Kind::cancelled: return "cancelled";
    case Kind::internal: return "internal";
  }
  return "internal";
}

}  // namespace tpool::ir
