// The class of a request, by its origin: what the client itself says of it.
//
// Codex says it in headers, or over a WebSocket in the body's client_metadata; Claude Code and
// opencode name their sub-agents in headers, and their own titles and summaries are known by the
// documented shape of those requests. An answer of one token is asked for by nobody who wants one.
// Size says nothing, and in doubt a request is interactive. Any thread.
#pragma once

#include <string_view>

#include "core/json/scan.hpp"
#include "core/route/envelope.hpp"
#include "proxy/inbound/endpoint.hpp"
#include "proxy/net/head.hpp"

namespace tpool::inbound {

route::Class class_of(const Endpoint& endpoint, const net::Head& head, const json::Scan& scan,
                      std::string_view body);

}  // namespace tpool::inbound
