// Events to a whole answer, and a whole answer to events.
//
// A non-streamed answer is a short stream: this is the only place that knows both. Text and refusal
// blocks that follow each other under one id and phase are the parts of one message. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ir/event.hpp"

namespace tpool::ir {

struct Answer {
  std::string id;
  std::string model;
  std::vector<Item> items;  // Message (assistant), Reasoning, ToolCall
  Finish finish = Finish::stop;
  std::optional<Usage> usage;
  std::string stop_sequence = {};
  std::vector<Loss> losses = {};
  bool operator==(const Answer&) const = default;
};

// Fed events in order; blocks left open by the end are closed as they are.
class Fold {
 public:
  void add(const Event& event);
  // The Failure when the stream failed, and never a half answer as if it were whole.
  const std::optional<Failure>& failure() const { return failure_; }
  bool finished() const { return finished_; }
  // The answer so far; an empty one when the stream failed.
  Answer take();

 private:
  struct Open {
    int index;
    std::size_t item;
    std::size_t content = 0;       // part of a message
    std::optional<int> part = {};  // summary part being written
  };
  void start(const BlockStart& block);
  Open* find(int index);

  Answer answer_;
  std::vector<Open> open_;
  std::optional<Failure> failure_;
  bool finished_ = false;
};

std::vector<Event> unfold(const Answer& answer);

}  // namespace tpool::ir
