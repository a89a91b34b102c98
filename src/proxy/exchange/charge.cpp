#include "proxy/exchange/charge.hpp"

#include "proxy/observe/cost.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

// Of a failed attempt whose provider reported no usage: whether a model may have run nonetheless.
bool may_be_billed(const Exchange& exchange, const ir::Failure& failure) {
  if (exchange.answer.committed()) return true;
  switch (failure.kind) {
    case Kind::no_answer:
    case Kind::cut:
    case Kind::silent:
    case Kind::garbage: return true;
    case Kind::cancelled: return exchange.sent;
    default: return false;
  }
}

}  // namespace

void charge(Exchange& exchange, const route::Step& step, const std::optional<ir::Failure>& failure,
            TimePoint now) {
  auto& budgets = exchange.services.budgets;
  if (budgets.none() || exchange.envelope.operation == route::Operation::count_tokens) return;
  const auto& usage = exchange.record.usage;
  if (!usage && failure && !may_be_billed(exchange, *failure)) return;
  std::optional<double> usd;
  if (usage) usd = observe::cost_of(step.facts->cost, *usage);
  if (!budgets.day().holds(now)) budgets.turn(route::local_day(now));
  const route::Bearer bearer{*exchange.snapshot->pool, exchange.record.plan.entry,
                             exchange.envelope.client};
  budgets.spend(bearer, step.candidate.provider->id, step.candidate.upstream, usd);
  exchange.services.spending.changed();
}

}  // namespace tpool::exchange
