#include "core/sim/clients.hpp"

#include <algorithm>

#include "core/route/random.hpp"

namespace tpool::sim {

Clients::Clients(std::uint64_t seed, Regime regime) : seed_(seed), regime_(regime) {
  int peak = 0;
  for (double t = 0; t < run_length; t += 60) peak = std::max(peak, sessions(regime_, t));
  for (int i = 0; i < peak; ++i) seats_.emplace_back(seed_, static_cast<std::uint64_t>(i));
  history_.resize(seats_.size());
}

std::vector<Clients::Asking> Clients::first() {
  std::vector<Asking> all;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const bool always = static_cast<int>(i) < sessions(regime_, 0);
    for (auto& one : next(i, always ? 0 : trouble_begins)) all.push_back(std::move(one));
  }
  return all;
}

std::vector<Clients::Asking> Clients::next(std::size_t seat, double now) {
  auto next = seats_[seat].next();
  const double time = now + next.pause;
  std::vector<Asking> asking;
  if (time >= run_length || static_cast<int>(seat) >= sessions(regime_, time)) return asking;
  const auto ask = [&](const Call& call, bool beside) {
    auto job = std::make_shared<Job>();
    job->call = call;
    job->seat = seat;
    job->beside = beside;
    describe(*job);
    asking.push_back({time, std::move(job)});
  };
  ask(next.call, false);
  if (next.with_one_shot) ask(next.one_shot, true);
  return asking;
}

void Clients::describe(Job& job) {
  auto& envelope = job.envelope;
  envelope.model = model_name;
  envelope.bytes = static_cast<std::size_t>(job.call.prompt * 4);
  envelope.prompt_tokens = static_cast<std::int64_t>(job.call.prompt);
  envelope.request_class = job.call.request_class;
  envelope.stream = true;
  envelope.session = std::to_string(job.call.session);
  if (job.call.session == 0) {
    envelope.prompt = {{job.call.id, job.call.prompt}};
    return;
  }
  auto& history = history_[job.seat];
  if (job.call.number == 1) history = {{route::mix(seed_), shared_prefix}};
  history.push_back(
      {route::mix(job.call.session, static_cast<std::uint64_t>(job.call.number)), job.call.prompt});
  envelope.prompt = history;
}

}  // namespace tpool::sim
