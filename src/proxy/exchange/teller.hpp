// Events of a model's answer told to the client: streamed as they come, or folded into one answer.
//
// Holds everything back until the first content, so that a failure before it can still move on to
// another candidate. I/O thread only.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/ir/fold.hpp"
#include "proxy/exchange/exchange.hpp"

namespace tpool::exchange {

class Teller {
 public:
  Teller(Exchange& exchange, const route::Step& step) : exchange_(exchange), step_(step) {}

  // One write for all of them. A Failure is the answer's own, or the client's leaving, or that
  // there is more of it than can be held.
  net::Task<std::optional<ir::Failure>> tell(std::span<const ir::Event> events);
  // The answer is complete and the client has all of it.
  bool ended() const { return ended_; }

 private:
  void write(const ir::Event& event);
  net::Task<> flush(bool last);

  Exchange& exchange_;
  const route::Step& step_;
  ir::Fold fold_;
  // Events before the first content: what fails there must not leave its mark on the encoder, as
  // another candidate may still begin the answer.
  std::vector<ir::Event> held_;
  std::string wire_;
  std::size_t told_ = 0;  // bytes of text in all
  bool content_ = false;
  bool ended_ = false;
};

}  // namespace tpool::exchange
