// Ids of the calls in one answer: the provider's own where they are unlike each other, generated
// ones where there are none. One per answer; any one thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace tpool::protocol {

class CallIds {
 public:
  // Makes generated ids unlike those of other answers.
  void set_answer_id(std::string_view id) { answer_id_ = id; }
  // `id` when it was not given out yet; another one otherwise.
  std::string take(std::string_view id);

 private:
  std::string answer_id_;
  std::unordered_set<std::string> taken_;
};

}  // namespace tpool::protocol
