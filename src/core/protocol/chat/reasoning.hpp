// A Chat provider's reasoning: shown as it comes, and sealed so that it can be replayed.
//
// The seal is a JSON object {"text": ..., "reasoning_details": [...]}: details go back exactly in
// their members, with the pieces of one entry joined. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/event.hpp"
#include "core/json/value.hpp"
#include "core/protocol/dialect.hpp"

namespace tpool::protocol::chat {

class ReasoningLog {
 public:
  // The reasoning text a delta or message carries, under whatever name; details are kept.
  std::string take(json::Value delta, const Dialect& dialect);
  void add_text(std::string_view text) { text_ += text; }

  bool empty() const { return text_.empty() && details_.empty(); }
  bool has_details() const { return !details_.empty(); }
  // The seal of all there was; the log is then empty.
  ir::Opaque seal(const std::string& provider, const std::string& model);

 private:
  struct Detail {
    std::string type;
    std::string index;  // JSON
    std::string text, summary, data, signature;
    std::string rest;  // other members, `"name":value` joined by commas
  };
  std::string take_details(json::Value list);

  std::string text_;
  std::vector<Detail> details_;
};

}  // namespace tpool::protocol::chat
