// A Plan as JSON: `route explain --json`, and the `plan` of a Record. Any thread.
#pragma once

#include "core/json/write.hpp"
#include "core/route/plan.hpp"
#include "core/route/sessions.hpp"

namespace tpool::route {

// The session a plan was asked for, and what is known of it.
struct AskedSession {
  std::string_view id;
  const Sessions::Prompt* known = nullptr;
  TimePoint now = {};
};

// With `session` it is said as well.
void write_plan(json::Writer& out, const Plan& plan, const AskedSession* session = nullptr);

}  // namespace tpool::route
