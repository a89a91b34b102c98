// The one door to SQLite: a database file and its statements.
//
// A file is made 0600 in WAL mode; readers and the writer have a connection each and wait for one
// another 5 s at most. The schema is a list of steps, and the file knows how many it has taken; one
// from a newer tpool is refused and never touched. Calls block: not for the I/O
// thread. A Database belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tpool::db {

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

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  Result<> settle(SchemaSteps steps);
  sqlite3* handle_;
};

}  // namespace tpool::db
