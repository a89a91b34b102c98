#include "core/sim/traffic.hpp"

#include "core/route/random.hpp"

namespace tpool::sim {
namespace {

constexpr double calls_beyond_first = 6.8;
constexpr double turns_beyond_first = 2.95;

int count(route::Random& random, double beyond_first) {
  return 1 + static_cast<int>(random.exponential(beyond_first) + 0.5);
}

}  // namespace

Seat::Seat(std::uint64_t seed, std::uint64_t seat) : seed_(route::mix(seed, seat + 1)) {}

void Seat::open_session() {
  session_ = route::mix(seed_, ++sessions_);
  route::Random random(session_);
  turns_left_ = count(random, turns_beyond_first);
  calls_left_ = 0;
  number_ = 0;
  prompt_ = shared_prefix;
}

Seat::Next Seat::next() {
  Next made;
  if (turns_left_ == 0 && calls_left_ == 0) open_session();
  ++number_;
  route::Random random(route::mix(session_, static_cast<std::uint64_t>(number_)));
  if (calls_left_ == 0) {
    --turns_left_;
    calls_left_ = count(random, calls_beyond_first);
    made.pause = random.log_normal(50, 1.2);
  } else {
    made.pause = random.log_normal(2, 1.3);
  }
  --calls_left_;
  prompt_ += random.log_normal(1300, 1.0);
  made.call.id = random.next();
  made.call.session = session_;
  made.call.number = number_;
  made.call.prompt = prompt_;
  made.call.output = random.log_normal(330, 0.95);
  made.with_one_shot = random.uniform() < background_share;
  made.one_shot.id = random.next();
  made.one_shot.prompt = random.log_normal(2500, 0.8);
  made.one_shot.output = random.log_normal(60, 0.5);
  made.one_shot.request_class = route::Class::background;
  return made;
}

}  // namespace tpool::sim
