// Answers by response id, for previous_response_id: what was asked and answered, turn by turn.
//
// A turn holds its own items and the id it went on from, so a conversation is a chain. Turns belong
// to the client that made them. The newest are in memory until they are written; the rest is in one
// SQLite file, each for a while after its last use and at most `most_on_disk` of them, the least
// used leaving first and several at a time; a write costs the same however many there are. Without
// a file (one WebSocket's own turns) memory is all, and what does not fit is forgotten. A turn of
// which any ancestor is gone is gone too. I/O thread only; the file is read off it.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/error.hpp"
#include "core/types.hpp"
#include "proxy/db/writer.hpp"
#include "proxy/net/offload.hpp"

namespace tpool::cache {

struct Turn {
  std::string client;
  std::string id;
  std::string previous = {};
  std::string items = {};  // asked, then answered: elements of a JSON array, with commas between

  std::size_t bytes() const { return client.size() + id.size() + previous.size() + items.size(); }
};

class Turns {
 public:
  static constexpr std::size_t most_bytes = std::size_t{32} << 20;  // of one conversation
  static constexpr std::size_t most_turns = 4096;

  Turns(net::Offload& offload, std::optional<std::filesystem::path> file,
        std::size_t most_on_disk = std::size_t{256} << 20);

  // `life` counts from the last use.
  void keep(Turn turn, Milliseconds life);
  // The items of every turn up to and with this one. not_found: it, or one before it, is not there.
  net::Task<Result<std::string>> history(std::string client, std::string id);

 private:
  struct Kept {
    Turn turn;
    std::atomic<bool> written = false;
  };
  void forget();

  net::Offload& offload_;
  std::optional<std::filesystem::path> file_;
  std::size_t most_on_disk_;
  std::unordered_map<std::string, std::shared_ptr<Kept>> recent_;  // by client and id
  std::deque<std::string> order_;                                  // of recent_
  std::size_t bytes_ = 0;                                          // in recent_
  std::unique_ptr<db::Writer> writer_;                             // from the first turn on
};

}  // namespace tpool::cache
