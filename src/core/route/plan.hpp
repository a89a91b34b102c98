// The Plan: who could serve a request, in order, and why each stands where it does.
//
// plan() is pure: what is remembered and the time are arguments. The proxy walks the steps; `route
// explain` and the Record print the same value. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/error.hpp"
#include "core/route/deployments.hpp"
#include "core/route/envelope.hpp"
#include "core/route/terms.hpp"
#include "core/types.hpp"

namespace tpool::route {

struct Experience;
class Budgets;

// A provider, one of its models, one of its keys.
struct Candidate {
  const catalog::Resolved* provider = nullptr;  // of the pinned pool
  const config::Key* key = nullptr;             // nullptr: the provider takes none
  std::string upstream;

  std::string_view key_id() const;
  // Names it in the table of what is remembered.
  Where where() const { return {provider->id, key_id(), upstream}; }
  // "deepseek/main/deepseek-chat"
  std::string id() const;
  // The same as a number, without making the text.
  std::uint64_t hash() const;
};

struct Step {
  Candidate candidate;
  Lane lane = Lane::relay;
  int tier = 0;                           // a worse (larger) one only when no better can serve
  const catalog::Facts* facts = nullptr;  // of the candidate's model there; the pinned pool's
  const catalog::Route* route = nullptr;  // the pinned pool's; says which rule placed it
  bool takes_over = false;                // let in by `failover`
  double score_usd = 0;
  double held_tokens = 0;         // of the prompt, believed to lie in its cache
  Terms terms = {};               // what the score is made of
  std::string state = "healthy";  // or degraded
  bool last_resort = false;       // behind every other: its breaker is open, or it is busy
  bool broken = false;            // its breaker is open
  // Its provider said that its limit is used up until then.
  std::optional<TimePoint> paced_until = {};
  std::vector<std::string> why = {};  // besides its lane
};

// A provider's word about its limits is waited for this long at most.
inline constexpr std::chrono::seconds believed_pace{30};

struct Rejected {
  std::string provider;
  std::string key;
  std::string model;
  std::string gate;  // "cooldown", "auth", "budget", "protocol", "context" ...
  std::string reason;
  std::optional<TimePoint> ready = {};  // when the gate opens, if it does by itself
  std::optional<TimePoint> until = {};  // the same by the provider's own word
};

struct Plan {
  std::string requested;
  std::string resolved_by;  // slug | alias | model
  Class request_class = Class::interactive;
  Priority priority = {};
  std::string effort = {};                // that the name asked for, see settings.effort_suffix
  const catalog::Entry* entry = nullptr;  // what the name leads to; the pinned pool's
  std::string strategy;
  std::vector<Step> steps = {};
  std::vector<Rejected> rejected = {};
  std::int64_t waited_ms = 0;

  // The earliest time a rejected candidate could serve, if any has one.
  std::optional<TimePoint> earliest() const;
  // The same by the providers' own words: a look of ours at a long rest does not count.
  std::optional<TimePoint> earliest_said() const;
  // When the first step's provider takes requests again, by its own word, if that is soon: waiting
  // is better than being refused.
  std::optional<TimePoint> better_later(TimePoint now) const;
};

// not_found when nothing answers to the name. A plan without steps is not an error: its `rejected`
// says why.
//
// `experience` is what the settings' strategy decides by; without it the order is the store's.
// Without `budgets` none is spent.
Result<Plan> plan(const catalog::Pool& pool, const Envelope& envelope,
                  const Deployments& deployments, TimePoint now,
                  const Experience* experience = nullptr, const Budgets* budgets = nullptr);

}  // namespace tpool::route
