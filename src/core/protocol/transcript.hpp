// What a Responses client was told, as items that a later request can go on from.
//
// Fed with the bytes that go out: a stream piece by piece, or a whole answer. Items come from the
// last event when it has them, else from each one's own. More than 32 MiB of them are not kept, and
// the answer is then none to go on from. Any one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/protocol/sse.hpp"

namespace tpool::protocol {

class Transcript {
 public:
  void stream(std::string_view wire);
  void whole(std::string_view body);

  // The answer came to its end: its id is known and its items are all there.
  bool complete() const { return complete_; }
  const std::string& id() const { return id_; }
  // Elements of a JSON array, with commas between.
  const std::string& items() const { return items_; }

 private:
  void look(const SseEvent& event);
  void take(std::string_view response_json);

  SseReader sse_;
  std::string id_;
  std::string items_;
  bool complete_ = false;
  bool too_long_ = false;
};

// The same form of a request's own `input`, which is a text or a list of items; empty for none.
std::string items_of_input(std::string_view input_json);

}  // namespace tpool::protocol
