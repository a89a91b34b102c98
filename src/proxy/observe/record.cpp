#include "proxy/observe/record.hpp"

#include <ctime>

#include "core/json/write.hpp"
#include "core/route/plan_json.hpp"

namespace tpool::observe {
namespace {

void write_attempt(json::Writer& out, const Attempt& attempt) {
  out.begin_object().member("provider", attempt.provider).member("key", attempt.key);
  out.member("model", attempt.model).member("status", attempt.status);
  out.member("class", attempt.failure_class).member("reason", attempt.reason);
  out.member("first_byte_ms", attempt.first_byte_ms).member("duration_ms", attempt.duration_ms);
  out.end_object();
}

}  // namespace

std::string rfc3339(TimePoint time) {
  const auto ms = std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ms % 1000));
  return std::string(text, size) + fraction;
}

std::string to_json(const Record& record) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("id", record.id).member("time", rfc3339(record.time));
  out.member("client", record.client).member("requested", record.requested).key("served");
  if (record.served) {
    const auto& attempt = record.attempts[*record.served];
    out.begin_object().member("provider", attempt.provider).member("key", attempt.key);
    out.member("model", attempt.model).member("lane", to_string(attempt.lane)).end_object();
  } else {
    out.null();
  }
  out.member("class", route::to_string(record.plan.request_class)).key("plan");
  route::write_plan(out, record.plan);
  out.key("attempts").begin_array();
  for (const auto& attempt : record.attempts) write_attempt(out, attempt);
  out.end_array().key("losses").begin_array();
  for (const auto& loss : record.losses) {
    out.begin_object().member("field", loss.field).member("action", to_string(loss.action));
    out.member("where", loss.where).member("count", loss.count).end_object();
  }
  out.end_array().key("usage");
  if (record.usage) {
    out.begin_object().member("input", record.usage->input);
    out.member("cache_read", record.usage->cache_read);
    out.member("cache_write", record.usage->cache_write).member("output", record.usage->output);
    out.member("reasoning", record.usage->reasoning).end_object();
  } else {
    out.null();
  }
  out.member("cost_usd", record.cost_usd).key("price_date");
  if (record.cost_usd && !record.price_date.empty())
    out.string(record.price_date);
  else
    out.null();
  out.member("first_event_ms", record.first_event_ms).member("duration_ms", record.duration_ms);
  out.member("outcome", record.outcome).key("error");
  if (record.error.empty())
    out.null();
  else
    out.string(record.error);
  out.end_object();
  return text;
}

}  // namespace tpool::observe
