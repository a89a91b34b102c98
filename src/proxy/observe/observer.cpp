#include "proxy/observe/observer.hpp"

#include "core/json/utf8.hpp"
#include "core/log.hpp"

namespace tpool::observe {
namespace {

// A record is one line, whatever names clients make up and providers say.
std::string plain(std::string text) {
  for (auto& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return json::printable(text);
}

std::string line(const Record& record) {
  std::string text = record.id + " " + record.protocol + " " + record.requested;
  if (record.served) {
    const auto& attempt = record.attempts[*record.served];
    text += " -> " + attempt.provider + (attempt.key.empty() ? "" : "/" + attempt.key);
  }
  text += " " + record.outcome + " " + std::to_string(record.status) + " in " +
          std::to_string(record.duration_ms) + " ms, " + std::to_string(record.attempts.size()) +
          " attempts";
  if (!record.error.empty()) text += ": " + record.error;
  return plain(std::move(text));
}

}  // namespace

void Observer::finished(Record&& record, std::shared_ptr<const proxy::Snapshot> pinned) {
  --counters_.in_flight;
  ++counters_.requests;
  counters_.attempts += record.attempts.size();
  if (record.outcome == "served")
    ++counters_.served;
  else if (record.outcome == "cancelled")
    ++counters_.cancelled;
  else
    ++counters_.failed;
  if (record.outcome == "failed" || record.outcome == "cut")
    log::error(line(record));
  else if (record.attempts.size() > 1)
    log::warn(line(record));
  else if (log::enabled(log::Level::debug))
    log::debug(line(record));
  recent_.push_back({std::move(record), std::move(pinned)});
}

}  // namespace tpool::observe
