// Reasoning that a model writes into its text, as <think>...</think> at the very start.
//
// Split anywhere. Only the start counts, so that a text about the tag stays a text. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool::protocol::chat {

class ThinkTags {
 public:
  // Appends what is certain so far to one of the two.
  void feed(std::string_view piece, std::string& reasoning, std::string& text);
  // No more will come: what was held back is text, or reasoning when the tag never closed.
  void finish(std::string& reasoning, std::string& text);

 private:
  enum class State { start, inside, gap, outside };
  State state_ = State::start;
  std::string held_;
};

}  // namespace tpool::protocol::chat
