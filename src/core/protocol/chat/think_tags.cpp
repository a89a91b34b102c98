#include "core/protocol/chat/think_tags.hpp"

#include <algorithm>

namespace tpool::protocol::chat {

namespace {

constexpr std::string_view open = "<think>";
constexpr std::string_view close = "</think>";
constexpr std::string_view white = " \t\r\n";

// Bytes at the end of `text` that may be the beginning of the closing tag.
std::size_t partial_close(std::string_view text) {
  for (std::size_t n = std::min(text.size(), close.size() - 1); n > 0; --n) {
    if (close.starts_with(text.substr(text.size() - n))) return n;
  }
  return 0;
}

}  // namespace

void ThinkTags::feed(std::string_view piece, std::string& reasoning, std::string& text) {
  if (state_ == State::outside) {
    text += piece;
    return;
  }
  held_ += piece;
  if (state_ == State::start) {
    const std::size_t first = held_.find_first_not_of(white);
    if (first == std::string::npos) return;
    const std::string_view rest = std::string_view(held_).substr(first);
    if (rest.size() < open.size() && open.starts_with(rest)) return;
    if (!rest.starts_with(open)) {
      state_ = State::outside;
      text += held_;
      held_.clear();
      return;
    }
    held_.erase(0, first + open.size());
    state_ = State::inside;
  }
  if (state_ == State::inside) {
    const std::size_t end = held_.find(close);
    if (end == std::string::npos) {
      const std::size_t keep = partial_close(held_);
      reasoning.append(held_, 0, held_.size() - keep);
      held_.erase(0, held_.size() - keep);
      return;
    }
    reasoning.append(held_, 0, end);
    held_.erase(0, end + close.size());
    state_ = State::gap;
  }
  // The blank lines between reasoning and answer belong to neither.
  const std::size_t first = held_.find_first_not_of(white);
  if (first == std::string::npos) {
    held_.clear();
    return;
  }
  text.append(held_, first);
  held_.clear();
  state_ = State::outside;
}

void ThinkTags::finish(std::string& reasoning, std::string& text) {
  (state_ == State::inside ? reasoning : text) += held_;
  held_.clear();
  state_ = State::outside;
}

}  // namespace tpool::protocol::chat
