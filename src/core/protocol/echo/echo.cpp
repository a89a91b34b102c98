#include "core/protocol/echo/echo.hpp"

#include <algorithm>

#include "core/protocol/echo/markers.hpp"
#include "core/protocol/echo/reply.hpp"

namespace tpool::protocol::echo {
namespace {

ir::Failure::Kind kind_of(const StatusMarker& asked) {
  using Kind = ir::Failure::Kind;
  if (asked.code == "context_length_exceeded") return Kind::context_length;
  if (asked.code == "insufficient_quota") return Kind::quota;
  if (asked.code == "model_not_found") return Kind::not_found;
  switch (asked.status) {
    case 401: return Kind::auth;
    case 402: return Kind::quota;
    case 403: return Kind::forbidden;
    case 404: return Kind::not_found;
    case 408: return Kind::overloaded;
    case 413: return Kind::too_large;
    case 429: return Kind::rate_limited;
    default: return asked.status >= 500 ? Kind::overloaded : Kind::invalid_request;
  }
}

Script failing(ir::Failure failure) {
  Script out;
  out.status = failure.status;
  out.retry_after = failure.retry_after;
  out.failure = std::move(failure);
  return out;
}

Script refused(const Error& error) {
  ir::Failure failure;
  failure.kind = ir::Failure::Kind::invalid_request;
  failure.status = 400;
  failure.message = error.message + ". " + error.hint + ".";
  failure.code = "invalid_prompt";
  return failing(std::move(failure));
}

Script asked_to_fail(const StatusMarker& asked) {
  ir::Failure failure;
  failure.kind = kind_of(asked);
  failure.status = asked.status;
  failure.message = "echo was asked to fail with status " + std::to_string(asked.status);
  failure.code = asked.code;
  failure.retry_after = asked.retry_after;
  return failing(std::move(failure));
}

bool is_piece(const ir::Event& event) {
  return std::holds_alternative<ir::Delta>(event) ||
         std::holds_alternative<ir::SummaryDelta>(event);
}

// Drops everything after the first `pieces`; with none, even the start.
void stop_after(std::vector<Step>& steps, int pieces) {
  std::size_t keep = 0;
  for (std::size_t i = 0; i < steps.size() && pieces > 0; ++i)
    if (is_piece(steps[i].event)) {
      --pieces;
      keep = i + 1;
    }
  steps.resize(keep);
}

}  // namespace

Script script(const ir::Request& request) {
  const Turn turn = last_turn(request);
  const auto markers = read_markers(turn.said);
  if (!markers) return refused(markers.error());
  if (markers->status) return asked_to_fail(*markers->status);

  Script out;
  for (ir::Event& event : reply(request, turn, *markers)) {
    const Milliseconds delay = is_piece(event) ? markers->pace : Milliseconds(0);
    out.steps.push_back({delay, std::move(event)});
  }
  if (markers->cut_after) {
    stop_after(out.steps, *markers->cut_after);
    out.cut = true;
  } else if (markers->silent_after) {
    stop_after(out.steps, *markers->silent_after);
    out.silent = true;
  }
  return out;
}

}  // namespace tpool::protocol::echo
