// An attempt's right to run: one slot at a deployment, given back on every way out.
//
// take() is a plain call: with no limit it says yes and counts. While an attempt runs the permit
// also carries its report: what was begun and not reported counts as abandoned. I/O thread only.
#pragma once

#include <optional>
#include <utility>

#include "core/route/deployments.hpp"

namespace tpool::gate {

class Permit {
 public:
  Permit() = default;
  // Adopts a slot that is already taken.
  Permit(route::Deployments& deployments, route::Deployment& one)
      : deployments_(&deployments), one_(&one) {}
  // Empty when there is no slot.
  static Permit take(route::Deployments& deployments, route::Deployment& one) {
    return one.slots.try_take() ? Permit(deployments, one) : Permit();
  }
  Permit(Permit&& other) noexcept
      : deployments_(other.deployments_),
        one_(std::exchange(other.one_, nullptr)),
        running_(std::exchange(other.running_, std::nullopt)) {}
  Permit& operator=(Permit&& other) noexcept {
    if (this == &other) return *this;
    release();
    deployments_ = other.deployments_;
    one_ = std::exchange(other.one_, nullptr);
    running_ = std::exchange(other.running_, std::nullopt);
    return *this;
  }
  ~Permit() { release(); }

  explicit operator bool() const { return one_ != nullptr; }
  route::Deployment& deployment() const { return *one_; }

  void began(const route::Ask& ask) { running_ = deployments_->began(*one_, ask); }
  void succeeded(std::optional<std::int64_t> used, TimePoint now);
  void failed(const route::Verdict& verdict, TimePoint now);
  void learned(const route::RateReports& reports, TimePoint now) {
    deployments_->learned(*one_, reports, now);
  }
  // The slot goes to whoever waits for it.
  void release() {
    if (one_) release(std::chrono::system_clock::now());
  }
  void release(TimePoint now);

 private:
  route::Deployments* deployments_ = nullptr;
  route::Deployment* one_ = nullptr;
  std::optional<route::Running> running_;
};

}  // namespace tpool::gate
