// Going on from an earlier answer: previous_response_id undone before a request is looked at, and
// the answer kept for the next one.
//
// tpool itself remembers what was said, and never asks a provider to: an id of one provider means
// nothing at another, nor after a failover, and most keep none. So the request that is planned and
// sent always holds the whole conversation. I/O thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ir/event.hpp"
#include "core/json/scan.hpp"
#include "core/protocol/transcript.hpp"
#include "proxy/cache/turns.hpp"
#include "proxy/exchange/answer.hpp"

namespace tpool::inbound {

// The id a Responses request goes on from, or empty.
std::string previous_of(const json::Scan& scan, std::string_view body);
// Whether its answer may be gone on from: everything but "store": false.
bool wants_keeping(const json::Scan& scan, std::string_view body);
// Its own input as elements of a JSON array.
std::string own_items(const json::Scan& scan, std::string_view body);
// The body with `items` before its own, and without previous_response_id.
std::string with_history(const json::Scan& scan, std::string_view body, std::string_view items);

ir::Failure not_continued(const Error& error);

// Listens to one answer and keeps the turn once it is complete.
class TurnKeeper final : public exchange::Listener {
 public:
  TurnKeeper(cache::Turns& turns, Milliseconds life, cache::Turn turn)
      : turns_(turns), life_(life), turn_(std::move(turn)) {}

  void stream(std::string_view wire) override { transcript_.stream(wire); }
  void whole(int status, std::string_view body) override {
    if (status == 200) transcript_.whole(body);
  }
  // Keeps it there as well, as a turn that needs none before it.
  void also_in(cache::Turns& turns, cache::Turn whole) {
    others_ = &turns;
    whole_ = std::move(whole);
  }
  // Call when the exchange is over.
  void keep();

 private:
  void keep(cache::Turns& turns, cache::Turn turn) const;

  cache::Turns& turns_;
  Milliseconds life_;
  cache::Turn turn_;
  cache::Turns* others_ = nullptr;
  cache::Turn whole_;
  protocol::Transcript transcript_;
};

}  // namespace tpool::inbound
