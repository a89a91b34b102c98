#include "proxy/gate/permit.hpp"

namespace tpool::gate {

void Permit::succeeded(std::optional<std::int64_t> used, TimePoint now) {
  if (running_) deployments_->succeeded(*one_, *running_, used, now);
  running_.reset();
}

void Permit::failed(const route::Verdict& verdict, TimePoint now) {
  if (running_) deployments_->failed(*one_, *running_, verdict, now);
  running_.reset();
}

void Permit::release(TimePoint now) {
  if (!one_) return;
  if (running_) deployments_->abandoned(*one_, *running_, std::nullopt, now);
  running_.reset();
  std::exchange(one_, nullptr)->slots.release(now);
}

}  // namespace tpool::gate
