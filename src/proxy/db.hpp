// The one door to SQLite: a database file, its statements, and a thread of its own that writes.
//
// A file is made 0600 in WAL mode; readers and the writer have a connection each and wait for one
// another 5 s at most. The schema is a list of steps, and the file knows how many it has taken; one
// from a newer tpool is refused and never touched. Calls block: not for the I/O thread, but for
// DbWriter::post, which never waits. A Database belongs to one thread at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tpool::proxy {

class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Parameters from 1. Texts are copied.
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::int64_t number);
  // True with a row, false at the end.
  Result<bool> step();
  // To its end, for what gives no rows; ready to be bound again.
  Result<> run();
  // Columns from 0, valid until the next step.
  std::string_view text(int column) const;
  std::int64_t number(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_;
};

// What makes version n of a file version n + 1.
using SchemaSteps = std::span<const std::string_view>;

class Database {
 public:
  static Result<Database> open(const std::filesystem::path& file, SchemaSteps steps);
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  Result<> run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  int changes() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  Result<> settle(SchemaSteps steps);
  sqlite3* handle_;
};

// Writes in the order they were posted, several to a transaction. What does not fit in the queue is
// dropped and counted: a request never waits for a disk. A file that cannot be opened or written is
// logged once and tried again later. The destructor writes what is queued.
class DbWriter {
 public:
  using Work = std::function<Result<>(Database&)>;
  static constexpr std::size_t most_queued = std::size_t{32} << 20;  // bytes

  DbWriter(std::filesystem::path file, SchemaSteps steps);
  ~DbWriter();

  // False: dropped. `bytes` is what the work holds on to.
  bool post(Work work, std::size_t bytes);
  std::uint64_t dropped() const;

 private:
  struct Queued {
    Work work;
    std::size_t bytes;
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

}  // namespace tpool::proxy
