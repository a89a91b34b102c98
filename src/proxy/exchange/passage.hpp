// One relayed stream: what was read, what may go on, what the watcher saw.
//
// Bytes pass as they came, event by event. An event stays here that is none, or whose failure must
// be told in our words; a provider that leaves out the names clients go by, or the mark behind its
// last event, is helped out. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/relay_edits.hpp"

namespace tpool::exchange {

class Passage {
 public:
  Passage(Exchange& exchange, const route::Step& step, const protocol::Codec& codec);

  // Looks at one slice; appends to wire() what is complete.
  void take(std::string_view slice);
  // The provider has said all it will.
  void end();
  // Heartbeats opened the client's stream: what was read and all that follows is fitted into it.
  void join(protocol::EventEncoder& encoder);

  bool terminal() const { return terminal_; }
  bool overflow() const { return sse_.overflow(); }
  // What was read and did not go on.
  std::size_t held_back() const { return wire_.size() + partial_.size(); }
  bool content() const { return content_; }
  const std::string& id() const { return id_; }
  std::int64_t events() const { return events_; }
  std::optional<ir::Failure>& failure() { return failure_; }
  const std::string& wire() const { return wire_; }
  // A burst's room is not kept for the silence after it.
  void sent();

 private:
  // Whether the event belongs to the answer.
  bool pass(const protocol::SseEvent& event);
  // Sets failure_ when the event stays here: it is none, or says a failure that is told in our
  // words.
  void look(const protocol::SseEvent& event);
  void fit(const protocol::SseEvent& event);
  // An event under the name that clients look for.
  void add_named(std::string_view data);
  void add(std::string_view bytes);

  Exchange& exchange_;
  std::unique_ptr<protocol::Watcher> watcher_;
  OpaqueLabel label_;
  AskedModel model_;
  protocol::SseReader sse_;
  protocol::EventEncoder* encoder_ = nullptr;  // once joined
  std::string id_;
  std::int64_t events_ = 0;
  std::string name_;  // of the last event, where it came without the one it needs
  std::string partial_;
  std::string wire_;
  std::optional<ir::Failure> failure_;
  bool first_ = true;
  bool content_ = false;
  bool terminal_ = false;
  bool failed_ = false;
  bool ended_ = false;  // what else comes is nobody's
};

}  // namespace tpool::exchange
