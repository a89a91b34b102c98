#include "proxy/cache/turns.hpp"

#include <array>
#include <utility>
#include <vector>

namespace tpool::cache {
namespace {

// Written turns stay in memory only as far as that is little.
constexpr std::size_t most_written = std::size_t{2} << 20;

constexpr std::array steps = {
    std::string_view(
        "CREATE TABLE turn (client TEXT NOT NULL, id TEXT NOT NULL, previous TEXT NOT NULL,"
        " items TEXT NOT NULL, bytes INTEGER NOT NULL, used INTEGER NOT NULL,"
        " PRIMARY KEY (client, id)) WITHOUT ROWID;"
        "CREATE INDEX turn_used ON turn (used, bytes);"),
    // How much there is, without adding it all up; right whoever else writes.
    std::string_view("CREATE TABLE total (bytes INTEGER NOT NULL);"
                     "INSERT INTO total SELECT COALESCE(SUM(bytes), 0) FROM turn;"
                     "CREATE TRIGGER turn_came AFTER INSERT ON turn BEGIN"
                     " UPDATE total SET bytes = bytes + NEW.bytes; END;"
                     "CREATE TRIGGER turn_left AFTER DELETE ON turn BEGIN"
                     " UPDATE total SET bytes = bytes - OLD.bytes; END;")};

std::string key_of(std::string_view client, std::string_view id) {
  return std::string(client).append("\n").append(id);
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<Milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Error missing(std::string_view id) {
  return not_found("Previous response with id '" + std::string(id) + "' not found.",
                   "send the whole conversation as input");
}

Error too_long() {
  return {Code::invalid, "the conversation that previous_response_id goes on from is too long"};
}

// The newest that fit into `room` stay.
Result<> shrink(db::Database& database, std::size_t room) {
  auto oldest = database.prepare(
      "DELETE FROM turn WHERE used <= (SELECT used FROM (SELECT used, SUM(bytes) OVER"
      " (ORDER BY used DESC) AS total FROM turn) WHERE total > ? ORDER BY used DESC LIMIT 1)");
  if (!oldest) return oldest.error();
  return oldest->bind(1, static_cast<std::int64_t>(room)).run();
}

Result<> write(db::Database& database, const Turn& turn, Milliseconds life,
               std::size_t most_on_disk) {
  const auto now = now_ms();
  // Replacing at one stroke would not count what goes.
  auto replaced = database.prepare("DELETE FROM turn WHERE client = ? AND id = ?");
  if (!replaced) return replaced.error();
  if (auto done = replaced->bind(1, turn.client).bind(2, turn.id).run(); !done) return done;
  auto insert = database.prepare("INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(1, turn.client).bind(2, turn.id).bind(3, turn.previous).bind(4, turn.items);
  insert->bind(5, static_cast<std::int64_t>(turn.bytes())).bind(6, now);
  if (auto done = insert->run(); !done) return done;
  auto expire = database.prepare("DELETE FROM turn WHERE used < ?");
  if (!expire) return expire.error();
  if (auto done = expire->bind(1, now - life.count()).run(); !done) return done;
  auto total = database.prepare("SELECT bytes FROM total");
  if (!total) return total.error();
  if (auto row = total->step(); !row) return row.error();
  if (total->number(0) <= static_cast<std::int64_t>(most_on_disk)) return {};
  // Some room at once, so that not every further write has to make its own.
  return shrink(database, most_on_disk - most_on_disk / 8);
}

// The chain that ends in `id`, newest first, each marked as used now.
Result<std::vector<std::string>> read(const std::filesystem::path& file, std::string_view client,
                                      std::string id) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return missing(id);
  auto database = db::Database::open(file, steps);
  if (!database) return database.error();
  std::vector<std::string> chain;
  std::vector<std::string> ids;
  std::size_t bytes = 0;
  while (!id.empty()) {
    auto one = database->prepare("SELECT previous, items FROM turn WHERE client = ? AND id = ?");
    if (!one) return one.error();
    const auto row = one->bind(1, client).bind(2, id).step();
    if (!row) return row.error();
    if (!*row) return missing(id);
    chain.emplace_back(one->text(1));
    bytes += chain.back().size();
    if (bytes > Turns::most_bytes || chain.size() > Turns::most_turns) return too_long();
    ids.push_back(std::exchange(id, std::string(one->text(0))));
  }
  auto touch = database->prepare("UPDATE turn SET used = ? WHERE client = ? AND id = ?");
  if (!touch) return touch.error();
  if (auto begun = database->run("BEGIN IMMEDIATE"); !begun) return chain;
  for (const auto& used : ids) (void)touch->bind(1, now_ms()).bind(2, client).bind(3, used).run();
  (void)database->run("COMMIT");
  return chain;
}

}  // namespace

Turns::Turns(net::Offload& offload, std::optional<std::filesystem::path> file,
             std::size_t most_on_disk)
    : offload_(offload), file_(std::move(file)), most_on_disk_(most_on_disk) {}

void Turns::keep(Turn turn, Milliseconds life) {
  // Such an id would make the chain a ring.
  if (turn.id.empty() || turn.id == turn.previous || turn.bytes() > most_bytes) return;
  auto key = key_of(turn.client, turn.id);
  auto kept = std::make_shared<Kept>();
  kept->turn = std::move(turn);
  const auto bytes = kept->turn.bytes();
  if (const auto old = recent_.find(key); old != recent_.end())
    bytes_ -= old->second->turn.bytes();
  else
    order_.push_back(key);
  recent_[std::move(key)] = kept;
  bytes_ += bytes;
  if (file_) {
    if (!writer_) writer_ = std::make_unique<db::Writer>(*file_, steps);
    auto work = [kept, life, most = most_on_disk_](db::Database& database) {
      return write(database, kept->turn, life, most);
    };
    writer_->post(std::move(work), bytes, [kept] { kept->written = true; });
  }
  forget();
}

void Turns::forget() {
  while (!order_.empty()) {
    const auto found = recent_.find(order_.front());
    const bool written = found->second->written;
    if (bytes_ <= (written ? most_written : most_bytes)) return;
    bytes_ -= found->second->turn.bytes();
    recent_.erase(found);
    order_.pop_front();
  }
}

net::Task<Result<std::string>> Turns::history(std::string client, std::string id) {
  // A turn whose past is gone is gone too, under the name that was asked for.
  const std::string asked = id;
  std::vector<std::string> chain;  // newest first
  std::size_t bytes = 0;
  while (!id.empty()) {
    const auto found = recent_.find(key_of(client, id));
    if (found == recent_.end()) break;
    chain.push_back(found->second->turn.items);
    bytes += chain.back().size();
    if (bytes > most_bytes || chain.size() > most_turns) co_return too_long();
    id = found->second->turn.previous;
  }
  if (!id.empty()) {
    if (!file_) co_return missing(asked);
    auto work = [file = *file_, client, id] { return read(file, client, id); };
    auto older = co_await offload_.run(std::move(work));
    if (!older && older.error().code == Code::not_found) co_return missing(asked);
    if (!older) co_return older.error();
    for (auto& items : *older) {
      bytes += items.size();
      chain.push_back(std::move(items));
    }
    if (bytes > most_bytes) co_return too_long();
  }
  std::string all;
  all.reserve(bytes + chain.size());
  for (auto items = chain.rbegin(); items != chain.rend(); ++items) {
    if (items->empty()) continue;
    if (!all.empty()) all += ',';
    all += *items;
  }
  co_return all;
}

}  // namespace tpool::cache
