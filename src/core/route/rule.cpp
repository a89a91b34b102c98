#include "core/route/rule.hpp"

namespace tpool::route {

RuleFilter::RuleFilter(const catalog::Entry& entry, const Envelope& envelope)
    : asked_{envelope.prompt_tokens,
             envelope.hour,
             envelope.stream,
             envelope.tools,
             envelope.images,
             to_string(envelope.request_class),
             to_string(envelope.protocol)} {
  if (entry.routes.size() + entry.failover.size() > entry.slots) seen_.resize(entry.slots);
}

RuleFilter::Says RuleFilter::ask(const catalog::Route& route) {
  if (route.when && !route.when->holds(asked_)) return Says::condition;
  if (seen_.empty()) return Says::takes;
  if (seen_[route.slot]) return Says::duplicate;
  seen_[route.slot] = true;
  return Says::takes;
}

Error no_rule_takes(const catalog::Entry& entry) {
  std::string tried;
  std::string last;
  for (const auto& route : entry.routes) {
    if (!route.when || route.rule == last) continue;
    tried += (tried.empty() ? "" : "; ") + route.rule + " (when " + route.when->text() + ")";
    last = route.rule;
  }
  return not_found(
      "no rule of model \"" + entry.name + "\" takes this request; tried " + tried,
      "add a rule without a condition: tpool rule add --model " + entry.name + " --provider ID");
}

}  // namespace tpool::route
