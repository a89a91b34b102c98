// A relayed Responses answer, read from beside: what commits it, what ends it, what it cost.
//
// On the path of every relayed event: decides by the event's name or the `type` at the front of its
// data, and parses only the few events that carry usage or a failure. One per answer.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::responses {

class ResponsesWatcher : public Watcher {
 public:
  Glance see(const SseEvent& event) override;
};

// A whole relayed answer.
Glance glance_answer(std::string_view body);

}  // namespace tpool::protocol::responses
