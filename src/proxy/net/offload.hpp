// Blocking or long work off the I/O thread, and back.
//
// Work runs on a small pool of threads that is started at the first use; the coroutine resumes on
// the I/O thread. Work gets everything by value and touches nothing of the proxy's state. I/O
// thread only.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "proxy/net/asio.hpp"

namespace tpool::net {

class Offload {
 public:
  explicit Offload(unsigned threads = 2) : threads_(threads) {}
  ~Offload() {
    if (pool_) pool_->join();
  }

  template <class Work>
  auto run(Work work) -> Task<decltype(work())> {
    using Value = decltype(work());
    const Executor home = co_await asio::this_coro::executor;
    if (!pool_) pool_ = std::make_unique<asio::thread_pool>(threads_);
    struct State {
      std::optional<Value> value;
      bool ready = false;  // set and read on the I/O thread only
    };
    auto state = std::make_shared<State>();
    auto done = std::make_shared<Timer>(home, Timer::time_point::max());
    auto guard = asio::require(home, asio::execution::outstanding_work.tracked);
    asio::post(*pool_, [work = std::move(work), state, done, guard]() mutable {
      state->value.emplace(work());
      asio::post(guard, [state, done] {
        state->ready = true;
        done->expires_at(Timer::time_point::min());
      });
    });
    boost::system::error_code ignored;
    auto token = asio::redirect_error(Use{}, ignored);
    while (!state->ready) co_await done->async_wait(token);
    co_return std::move(*state->value);
  }

 private:
  unsigned threads_;
  std::unique_ptr<asio::thread_pool> pool_;
};

}  // namespace tpool::net
