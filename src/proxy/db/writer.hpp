// A database written by a thread of its own. post() never waits and may be called on any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "proxy/db/database.hpp"

namespace tpool::db {

// Writes in the order they were posted, several to a transaction. What does not fit in the queue is
// dropped and counted: a request never waits for a disk. A file that cannot be opened or written is
// logged once and tried again later. The destructor writes what is queued.
class Writer {
 public:
  using Work = std::function<Result<>(Database&)>;
  static constexpr std::size_t most_queued = std::size_t{32} << 20;  // bytes

  Writer(std::filesystem::path file, SchemaSteps steps);
  ~Writer();

  // False: dropped. `bytes` is what the work holds on to; `kept` is called on the writing thread
  // once the file has it for good.
  bool post(Work work, std::size_t bytes, std::function<void()> kept = {});
  std::uint64_t dropped() const;

 private:
  struct Queued {
    Work work;
    std::size_t bytes;
    std::function<void()> kept;
  };
  void loop();
  Result<> write(std::deque<Queued>& batch);

  std::filesystem::path file_;
  SchemaSteps steps_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Queued> queue_;
  std::size_t queued_ = 0;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::unique_ptr<Database> database_;  // the writing thread's alone
  std::thread thread_;
};

}  // namespace tpool::db
