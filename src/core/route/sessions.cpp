#include "core/route/sessions.hpp"

#include <algorithm>

namespace tpool::route {
namespace {

constexpr std::size_t most = 128;
constexpr std::size_t longest_name = 256;

}  // namespace

void Sessions::note(Envelope&& envelope, TimePoint now) {
  if (envelope.session.empty() || envelope.session.size() > longest_name) return;
  auto at = std::ranges::find(prompts_, envelope.session, &Prompt::session);
  if (at == prompts_.end() && prompts_.size() < most) at = prompts_.emplace(at);
  if (at == prompts_.end()) at = std::ranges::min_element(prompts_, {}, &Prompt::served);
  *at = {std::move(envelope.session), std::move(envelope.prompt), envelope.prompt_life_s,
         envelope.prompt_tokens, now};
}

const Sessions::Prompt* Sessions::find(std::string_view session) const {
  const auto found = std::ranges::find(prompts_, session, &Prompt::session);
  return found == prompts_.end() ? nullptr : &*found;
}

}  // namespace tpool::route
