// The echo lane: the built-in provider answers in process, through the same IR as any other.
#include "core/protocol/echo/echo.hpp"
#include "proxy/exchange/attempt.hpp"
#include "proxy/exchange/teller.hpp"

namespace tpool::exchange {
namespace {

using Kind = ir::Failure::Kind;

// Waits without an end of its own: for scripts that fall silent.
net::Task<ir::Failure> silence(Exchange& exchange, Pace& pace, Milliseconds limit) {
  pace.within(limit, "content", std::chrono::steady_clock::now());
  for (;;) {
    co_await net::sleep_until(exchange.inbound.alarm, Instant::max());
    auto stopped = co_await pace.woken();
    if (stopped) co_return std::move(*stopped);
  }
}

}  // namespace

net::Task<std::optional<ir::Failure>> echo(Exchange& exchange, const route::Step& step,
                                           observe::Attempt& noted) {
  auto& answer = exchange.answer;
  auto bad = co_await understand(exchange);
  if (bad) co_return bad;
  exchange.record.losses = exchange.lost;
  auto request = *exchange.request;
  request.model = step.candidate.upstream;
  const auto script = protocol::echo::script(request);
  noted.status = script.status;
  noted.first_byte_ms = 0;
  if (script.failure) {
    auto failed = *script.failure;
    failed.status = script.status;
    failed.retry_after = script.retry_after;
    co_return failed;
  }
  const auto& provider = *step.candidate.provider;
  auto& alarm = exchange.inbound.alarm;
  Pace pace(alarm, answer, std::chrono::steady_clock::now() + provider.total);
  Teller teller(exchange, step);
  std::vector<ir::Event> batch;
  for (const auto& one : script.steps) {
    if (one.delay.count() > 0) {
      auto stopped = co_await teller.tell(batch);
      batch.clear();
      if (stopped) co_return stopped;
      stopped = co_await pause(alarm, answer, std::chrono::steady_clock::now() + one.delay);
      if (stopped) co_return stopped;
    }
    batch.push_back(one.event);
  }
  auto stopped = co_await teller.tell(batch);
  if (stopped) co_return stopped;
  if (script.silent) co_return co_await silence(exchange, pace, provider.idle);
  if (script.cut || !teller.ended())
    co_return failure(Kind::cut, "its stream ended before the answer did");
  co_return std::nullopt;
}

}  // namespace tpool::exchange
