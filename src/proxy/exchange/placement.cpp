#include "proxy/exchange/placement.hpp"

#include "core/route/fingerprint.hpp"
#include "core/route/strategy.hpp"

namespace tpool::exchange {
namespace {

// Longer bodies are fingerprinted off the I/O thread.
constexpr std::size_t long_body = std::size_t{2} << 20;

}  // namespace

net::Task<> order(Exchange& exchange, route::Plan& plan, TimePoint now) {
  const auto& config = *exchange.snapshot->config;
  if (plan.steps.size() < 2 || config.settings.strategy == "priority") co_return;
  if (exchange.envelope.prompt.empty()) {
    const auto* scan = &exchange.scan;
    const std::string_view body = exchange.inbound.body;
    const auto life = config::in_seconds(config.routing.cache_life);
    route::Fingerprints prints;
    if (body.size() < long_body)
      prints = route::fingerprint(*scan, body, life);
    else {
      auto work = [scan, body, life] { return route::fingerprint(*scan, body, life); };
      prints = co_await exchange.services.offload.run(work);
      exchange.fresh = false;
    }
    exchange.envelope.prompt = std::move(prints.prompt);
    exchange.envelope.prompt_life_s = prints.life_s;
  }
  route::order(plan, exchange.envelope, config, exchange.services.experience, now);
}

std::optional<Milliseconds> content_limit(const Exchange& exchange, const route::Step& step,
                                          bool others) {
  if (!others || !exchange.answer.stream()) return std::nullopt;
  if (step.candidate.provider->stored->timeouts.first_byte) return std::nullopt;
  // Whether the thoughts of a model that has some are streamed, nobody says beforehand.
  if (!step.facts || step.facts->reasoning != false) return std::nullopt;
  const auto& beliefs = exchange.services.experience.beliefs;
  const auto uncached =
      std::max(0.0, static_cast<double>(exchange.envelope.prompt_tokens) - step.held_tokens);
  const std::chrono::duration<double> limit(route::first_content_limit(
      beliefs.of(step.candidate.hash()), uncached, route::seconds(std::chrono::system_clock::now()),
      exchange.routing()));
  return std::chrono::duration_cast<Milliseconds>(limit);
}

void learn(Exchange& exchange, const route::Attempted& attempted, Instant began, Instant ended,
           TimePoint now, const route::Verdict* verdict) {
  using Seconds = std::chrono::duration<double>;
  const auto& record = exchange.record;
  route::Outcome outcome;
  outcome.failed = verdict != nullptr;
  outcome.counted = !verdict || verdict->blame != route::Blame::nobody;
  outcome.total_s = Seconds(ended - began).count();
  if (exchange.answer.stream() && record.first_event_ms)
    outcome.first_token_s =
        Seconds(exchange.started + Milliseconds(*record.first_event_ms) - began).count();
  if (record.usage) {
    outcome.prompt_tokens = static_cast<double>(record.usage->total_input());
    outcome.reported_cached = static_cast<double>(record.usage->cache_read);
    outcome.output_tokens = static_cast<double>(record.usage->output);
  }
  auto& experience = exchange.services.experience;
  route::ended(experience, attempted, exchange.envelope, outcome, now, exchange.routing());
  // Nobody plans it anew.
  if (!outcome.failed) experience.sessions.note(std::move(exchange.envelope), now);
}

}  // namespace tpool::exchange
