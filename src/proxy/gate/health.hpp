// What is remembered of candidates between exchanges: until when not to call them, and why.
//
// Fed by the verdicts of route::judge, read by route::plan. Nothing here is absorbing: every hold
// has a time, or a named way out (a key edit, a reload, a reset). I/O thread only.
#pragma once

#include <map>
#include <string>

#include "core/route/failure.hpp"
#include "core/route/plan.hpp"

namespace tpool::gate {

class Health {
 public:
  const route::Holds& holds() const { return holds_; }
  int strikes(const std::string& candidate) const;
  void failed(const std::string& candidate, const route::Verdict& verdict);
  void served(const route::Candidate& candidate);
  // After a change of the store: a new key deserves a new try.
  void forget_auth();
  void drop_expired(TimePoint now);

 private:
  route::Holds holds_;
  std::map<std::string, int, std::less<>> strikes_;
};

}  // namespace tpool::gate
