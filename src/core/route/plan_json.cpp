#include "core/route/plan_json.hpp"

#include "core/config/condition.hpp"

namespace tpool::route {
namespace {

void write_why(json::Writer& out, const Step& step) {
  out.key("why").begin_array();
  out.string(step.lane == Lane::relay ? "speaks the client's protocol"
                                      : "reached through translation");
  if (step.route && !step.route->rule.empty()) {
    std::string text = "rule " + step.route->rule;
    if (!step.takes_over) text += ", priority " + std::to_string(step.tier);
    if (step.route->when) text += ", when " + step.route->when->text();
    out.string(text);
  }
  if (step.takes_over) out.string("takes over where those before it fail: failover");
  for (const auto& why : step.why) out.string(why);
  out.end_array();
}

void write_session(json::Writer& out, const AskedSession& session) {
  out.key("session").begin_object().member("id", session.id);
  out.member("known", session.known != nullptr).key("prompt_tokens");
  if (session.known)
    out.integer(session.known->tokens);
  else
    out.null();
  out.key("age_s");
  if (session.known)
    out.number(std::chrono::duration<double>(session.now - session.known->served).count());
  else
    out.null();
  out.end_object();
}

}  // namespace

void write_plan(json::Writer& out, const Plan& plan, const AskedSession* session) {
  out.begin_object().member("requested", plan.requested).member("resolved_by", plan.resolved_by);
  out.member("class", to_string(plan.request_class));
  out.member("priority", to_string(plan.priority.turn)).member("priority_by", plan.priority.by);
  out.member("strategy", plan.strategy);
  if (!plan.effort.empty()) out.member("effort", plan.effort);
  out.key("steps").begin_array();
  for (const auto& step : plan.steps) {
    out.begin_object().member("provider", step.candidate.provider->id);
    out.member("key", step.candidate.key_id()).member("model", step.candidate.upstream);
    out.member("lane", to_string(step.lane)).member("tier", step.tier);
    out.member("score_usd", step.score_usd).key("terms").begin_object();
    for (const auto& [name, value] : step.terms) out.member(name, value);
    out.end_object().member("state", step.state);
    write_why(out, step);
    out.end_object();
  }
  out.end_array().key("rejected").begin_array();
  for (const auto& one : plan.rejected) {
    out.begin_object().member("provider", one.provider).member("key", one.key);
    out.member("model", one.model).member("gate", one.gate).member("reason", one.reason);
    out.end_object();
  }
  out.end_array().member("waited_ms", plan.waited_ms);
  if (session) write_session(out, *session);
  out.end_object();
}

}  // namespace tpool::route
