// The prompt each session was last served with, so that it can be told where it would go on.
//
// Routing itself goes by the prompt a request carries; this is for whoever asks about a session
// without having its prompt. Bounded: the session that was not heard of for longest makes room. One
// thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/route/envelope.hpp"

namespace tpool::route {

class Sessions {
 public:
  struct Prompt {
    std::string session;
    std::vector<Boundary> boundaries = {};
    double life_s = 300;      // how long a provider's cache keeps it
    std::int64_t tokens = 0;  // estimated
    TimePoint served{};
  };

  // A request that was served, whose prompt is taken over; one without a session says nothing.
  void note(Envelope&& envelope, TimePoint now);
  const Prompt* find(std::string_view session) const;
  std::size_t size() const { return prompts_.size(); }

 private:
  std::vector<Prompt> prompts_;
};

}  // namespace tpool::route
