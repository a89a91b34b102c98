#include "proxy/net/alarm.hpp"

namespace tpool::net {
namespace {

constexpr auto period = std::chrono::milliseconds(100);

class Sleeper final : public Wakeable {
 public:
  explicit Sleeper(Executor executor) : timer(executor) {}
  void wake() override { timer.cancel(); }
  Timer timer;
};

}  // namespace

void Alarm::leave() {
  gone_ = true;
  if (target_) target_->wake();
}

Alarms::Alarms(Io& io) : timer_(io.get_executor()), now_(std::chrono::steady_clock::now()) {}

void Alarms::arm(Alarm& alarm) {
  if (alarm.is_linked()) return;
  armed_.push_back(alarm);
  if (!ticking_) start();
}

void Alarms::end_idle() {
  for (auto& alarm : armed_)
    if (alarm.idle_) alarm.leave();
}

void Alarms::end_all() {
  for (auto& alarm : armed_) alarm.leave();
}

void Alarms::start() {
  ticking_ = true;
  now_ = std::chrono::steady_clock::now();
  timer_.expires_at(now_ + period);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) tick();
  });
}

void Alarms::tick() {
  now_ = std::chrono::steady_clock::now();
  for (auto& alarm : armed_) {
    if (alarm.due_ > now_) continue;
    alarm.due_ = Instant::max();
    alarm.rang_ = true;
    if (alarm.target_) alarm.target_->wake();
  }
  ticking_ = false;
  if (!armed_.empty()) start();
}

Task<> sleep_until(Alarm& alarm, Instant when) {
  const Executor executor = co_await asio::this_coro::executor;
  Sleeper sleeper(executor);
  sleeper.timer.expires_at(when);
  if (alarm.gone() || alarm.rang()) co_return;
  alarm.wait_on(&sleeper);
  boost::system::error_code ignored;
  auto token = asio::redirect_error(Use{}, ignored);
  co_await sleeper.timer.async_wait(token);
  alarm.wait_on(nullptr);
}

}  // namespace tpool::net
