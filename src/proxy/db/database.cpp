#include "proxy/db/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/config/paths.hpp"

namespace tpool::db {
namespace {

constexpr int patience_ms = 5'000;

Error failed(sqlite3* handle, std::string_view what) {
  std::string message(what);
  message += ": ";
  message += handle ? sqlite3_errmsg(handle) : "out of memory";
  const int code = handle ? sqlite3_errcode(handle) : SQLITE_NOMEM;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return corrupt(std::move(message));
  return unavailable(std::move(message));
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_, index, text.data() ? text.data() : "", text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
  sqlite3_bind_int64(statement_, index, number);
  return *this;
}

Result<bool> Statement::step() {
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return failed(sqlite3_db_handle(statement_), "the database");
  }
}

Result<> Statement::run() {
  for (;;) {
    const auto row = step();
    if (row && *row) continue;
    sqlite3_reset(statement_);
    if (!row) return row.error();
    return {};
  }
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

Result<Database> Database::open(const std::filesystem::path& file, SchemaSteps steps) {
  if (auto made = config::make_private_folder(file.parent_path()); !made) return made.error();
  // SQLite gives its companions the mode of the file, so the file is made first and private.
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    return unavailable(file.string() + " cannot be opened: " + describe_errno(errno));
  ::fchmod(descriptor, 0600);
  ::close(descriptor);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (opened != SQLITE_OK) return failed(handle, file.string());
  sqlite3_busy_timeout(handle, patience_ms);
  if (auto settled = database.settle(steps); !settled) {
    auto error = settled.error();
    error.message = file.string() + ": " + error.message;
    return error;
  }
  return database;
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failed(handle_, "the database");
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK)
    return failed(handle_, "the database");
  return Statement(statement);
}

Result<> Database::settle(SchemaSteps steps) {
  // The change to WAL needs the file for itself, and of its own does not wait for it.
  auto set = run("PRAGMA journal_mode = WAL");
  for (int waited = 0; !set && sqlite3_errcode(handle_) == SQLITE_BUSY && waited < patience_ms;
       waited += 10) {
    sqlite3_sleep(10);
    set = run("PRAGMA journal_mode = WAL");
  }
  if (set) set = run("PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;");
  if (!set) return set;
  const auto version = [&]() -> Result<std::int64_t> {
    auto asked = prepare("PRAGMA user_version");
    if (!asked) return asked.error();
    if (auto row = asked->step(); !row) return row.error();
    return asked->number(0);
  };
  const auto known = static_cast<std::int64_t>(steps.size());
  auto found = version();
  if (!found) return found.error();
  if (*found > known)
    return conflict("it was made by a newer tpool (version " + std::to_string(*found) +
                        ", this one knows " + std::to_string(known) + ")",
                    "use that tpool, or move the file away to begin a new one");
  if (*found == known) return {};
  // Another process may be doing the same: look again once the file is ours.
  if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  found = version();
  Result<> taken;
  for (auto step = found ? *found : known; step < known && taken; ++step)
    taken = run(std::string(steps[static_cast<std::size_t>(step)]));
  if (taken) taken = run("PRAGMA user_version = " + std::to_string(known));
  if (taken) return run("COMMIT");
  (void)run("ROLLBACK");
  return taken;
}

}  // namespace tpool::db
