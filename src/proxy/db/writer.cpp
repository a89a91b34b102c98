#include "proxy/db/writer.hpp"

#include <utility>

#include "core/log.hpp"

namespace tpool::db {

Writer::Writer(std::filesystem::path file, SchemaSteps steps)
    : file_(std::move(file)), steps_(steps), thread_([this] { loop(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

bool Writer::post(Work work, std::size_t bytes, std::function<void()> kept) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queued_ + bytes > most_queued) {
      ++dropped_;
      return false;
    }
    queued_ += bytes;
    queue_.push_back({std::move(work), bytes, std::move(kept)});
  }
  ready_.notify_one();
  return true;
}

std::uint64_t Writer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void Writer::loop() {
  bool complained = false;
  for (;;) {
    std::deque<Queued> batch;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.swap(queue_);
    }
    const auto written = write(batch);
    if (!written && !complained)
      log::warn("not written, and served on: " + written.error().message);
    complained = !written;
    const std::lock_guard lock(mutex_);
    for (const auto& one : batch) queued_ -= one.bytes;
    if (!written) dropped_ += batch.size();
  }
}

Result<> Writer::write(std::deque<Queued>& batch) {
  if (!database_) {
    auto opened = Database::open(file_, steps_);
    if (!opened) return opened.error();
    database_ = std::make_unique<Database>(std::move(*opened));
  }
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return begun;
  Result<> done;
  for (auto& one : batch)
    if (done) done = one.work(*database_);
  if (done) done = database_->run("COMMIT");
  if (done) {
    for (const auto& one : batch)
      if (one.kept) one.kept();
    return done;
  }
  (void)database_->run("ROLLBACK");
  database_.reset();
  return done;
}

}  // namespace tpool::db
