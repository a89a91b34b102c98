// What a target could not say, and what was done about it.
//
// approximated: said another way. dropped: left out, the answer may differ. refused: the candidate
// cannot serve this request at all, known before sending. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tpool::ir {

struct Loss {
  enum class Action { approximated, dropped, refused };
  std::string field;  // "tools.web_search", "reasoning.encrypted_content"
  Action action = Action::dropped;
  std::string where = {};  // "item 12", may be empty
  int count = 1;

  bool operator==(const Loss&) const = default;
};

std::string_view to_string(Loss::Action action);

// Adds, or counts up the one with the same field and action.
void add_loss(std::vector<Loss>& losses, std::string field, Loss::Action action,
              std::string where = {});
void add_losses(std::vector<Loss>& losses, const std::vector<Loss>& more);

// "tools.web_search dropped 1; text.verbosity dropped 1" for the x-tpool-loss header.
std::string summary(const std::vector<Loss>& losses);

}  // namespace tpool::ir
