// A relayed Messages answer, read from beside: what commits it, what ends it, what it cost.
//
// On the path of every relayed event: decides by the `type` at the front of the data, and parses
// only the few events that carry usage or a failure. One per answer.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::messages {

class MessagesWatcher : public Watcher {
 public:
  Glance see(const SseEvent& event) override;
  std::optional<std::string_view> missing_end() const override;

 private:
  Glance look(const SseEvent& event, std::string_view type);
  Glance end();

  std::optional<ir::Usage> usage_;
  bool stopped_ = false;  // a reason to stop was given
};

// A whole relayed answer.
Glance glance_answer(std::string_view body);

}  // namespace tpool::protocol::messages
