// The shape most chunks of one answer share, so that only their text is read.
//
// Chunk after chunk differs in one string. Once a chunk was read in full and meant nothing but that
// string, the bytes around it are remembered; a later event with the same bytes around another
// valid string means the same. Anything else is read in full. One per answer.
#pragma once

#include <string>
#include <string_view>

namespace tpool::protocol::chat {

class TextTemplate {
 public:
  // `data` was read in full and meant `text`, the value of `member`, and nothing else.
  void learn(std::string_view data, std::string_view member, std::string_view text);
  // True when `data` has the shape; `text` is then its string, decoded.
  bool match(std::string_view data, std::string& text) const;

 private:
  std::string before_;
  std::string after_;
};

}  // namespace tpool::protocol::chat
