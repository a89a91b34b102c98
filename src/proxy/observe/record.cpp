#include "proxy/observe/record.hpp"

#include <ctime>

#include "core/json/write.hpp"

namespace tpool::observe {
namespace {

void write_plan(json::Writer& out, const route::Plan& plan) {
  out.begin_object().member("requested", plan.requested).member("resolved_by", plan.resolved_by);
  out.member("class", route::to_string(plan.request_class)).member("strategy", plan.strategy);
  out.key("steps").begin_array();
  for (const auto& step : plan.steps) {
    out.begin_object().member("provider", step.candidate.provider->id);
    out.member("key", step.candidate.key_id()).member("model", step.candidate.upstream);
    out.member("lane", to_string(step.lane)).member("score_usd", step.score_usd);
    out.key("terms").begin_object();
    for (const auto& [name, value] : step.terms) out.member(name, value);
    out.end_object().member("state", step.state).key("why").begin_array();
    out.string(step.lane == Lane::relay ? "speaks the client's protocol"
                                        : "reached through translation");
    for (const auto& why : step.why) out.string(why);
    out.end_array().end_object();
  }
  out.end_array().key("rejected").begin_array();
  for (const auto& one : plan.rejected) {
    out.begin_object().member("provider", one.provider).member("key", one.key);
    out.member("model", one.model).member("gate", one.gate).member("reason", one.reason);
    out.end_object();
  }
  out.end_array().member("waited_ms", plan.waited_ms).end_object();
}

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
  write_plan(out, record.plan);
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
