#include "core/ir/loss.hpp"

#include <algorithm>

namespace tpool::ir {
namespace {

// A header value must stay short, however many things a request asked for.
constexpr std::size_t max_summary = 1024;
constexpr std::size_t max_field = 80;

// Field names may hold what a client wrote; a header takes visible ASCII only.
std::string visible(std::string_view field) {
  std::string out(field.substr(0, max_field));
  for (char& c : out)
    if (c <= ' ' || c > '~' || c == ';') c = '?';
  return out;
}

}  // namespace

std::string_view to_string(Loss::Action action) {
  switch (action) {
    case Loss::Action::approximated: return "approximated";
    case Loss::Action::dropped: return "dropped";
    case Loss::Action::refused: return "refused";
  }
  return "dropped";
}

void add_loss(std::vector<Loss>& losses, std::string field, Loss::Action action,
              std::string where) {
  const auto same = std::find_if(losses.begin(), losses.end(), [&](const Loss& loss) {
    return loss.field == field && loss.action == action;
  });
  if (same != losses.end())
    ++same->count;
  else
    losses.push_back({std::move(field), action, std::move(where)});
}

void add_losses(std::vector<Loss>& losses, const std::vector<Loss>& more) {
  for (const Loss& loss : more)
    for (int i = 0; i < loss.count; ++i) add_loss(losses, loss.field, loss.action, loss.where);
}

std::string summary(const std::vector<Loss>& losses) {
  std::string out;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (out.size() > max_summary)
      return out + "; and " + std::to_string(losses.size() - i) + " more";
    if (i) out += "; ";
    out += visible(losses[i].field);
    out += ' ';
    out += to_string(losses[i].action);
    out += ' ';
    out += std::to_string(losses[i].count);
  }
  return out;
}

}  // namespace tpool::ir
