// A relayed Chat answer, read from beside: what commits it, what ends it, what it cost.
//
// On the path of every relayed chunk: looks for a few member names in the text. A quote inside a
// JSON string is always escaped, so a name with its quotes and colon is a member and nothing else.
// Only chunks with usage or an error are parsed. One per answer.
#pragma once

#include "core/protocol/codec.hpp"

namespace tpool::protocol::chat {

class ChatWatcher : public Watcher {
 public:
  Glance see(const SseEvent& event) override;
  std::optional<std::string_view> missing_end() const override;

 private:
  bool finished_ = false;  // a reason to finish was given
};

// A whole relayed answer.
Glance glance_answer(std::string_view body);

}  // namespace tpool::protocol::chat
