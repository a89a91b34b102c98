// How long one decision takes: plan() for a request with 8, 64 and 512 candidates, by strategy.
//
// Prints one row per strategy and number of candidates: p50 and p99 in microseconds, and p99 over
// that of `priority`. It is the thread's own time, so that a busy machine does not count. Beliefs
// are taught and sessions are warm, as after an hour of work.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "core/route/order.hpp"
#include "core/route/strategy.hpp"

using namespace tpool;

namespace {

constexpr int decisions = 2000;
constexpr std::uint64_t sessions = 50;
const TimePoint now{std::chrono::hours(500'000)};

std::shared_ptr<const catalog::Pool> make_pool(int candidates, route::Strategy strategy) {
  config::Config config;
  config.settings.strategy = route::to_string(strategy);
  for (int i = 0; i < candidates; ++i) {
    config::Provider provider;
    provider.id = "provider-" + std::to_string(i);
    provider.protocol = i % 3 ? Protocol::chat : Protocol::responses;
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.models = {"some-model-name"};
    config::Key key;
    key.id = "main";
    key.secret = {config::SecretRef::Kind::value, "secret"};
    provider.keys = {key};
    config::ProviderModel facts;
    facts.id = "some-model-name";
    facts.cost = config::Cost{1 + i % 7, 10 + i % 5, 0.1, std::nullopt};
    provider.model_facts = {facts};
    config.providers.push_back(std::move(provider));
  }
  config::Model model;
  model.id = "some-model-name";
  config.models = {model};
  auto built = catalog::build(std::make_shared<const config::Config>(std::move(config)), {}, "r");
  return built ? *built : nullptr;
}

route::Envelope request(std::uint64_t session) {
  route::Envelope envelope;
  envelope.model = "some-model-name";
  envelope.stream = true;
  envelope.tools = true;
  envelope.prompt_tokens = 68'000;
  for (std::uint64_t i = 0; i < 100; ++i)
    envelope.prompt.push_back({route::mix(i < 2 ? 1 : session, i), 6000.0 + 620.0 * i});
  return envelope;
}

// An hour of answers.
void teach(route::Experience& experience, const catalog::Pool& pool,
           route::Deployments& deployments) {
  route::Random random(1);
  for (std::uint64_t session = 1; session <= sessions; ++session) {
    const auto envelope = request(session);
    const auto plan = route::plan(pool, envelope, deployments, now);
    for (int i = 0; i < 8; ++i) {
      const auto& step = plan->steps[random.next() % plan->steps.size()];
      deployments.at(step.candidate.where());
      route::Outcome outcome;
      outcome.first_token_s = random.log_normal(1, 0.4);
      outcome.output_tokens = 400;
      outcome.total_s = outcome.first_token_s + random.log_normal(6, 0.4);
      outcome.reported_cached = 0;
      route::ended(experience, route::began(experience, step), envelope, outcome, now,
                   config::default_routing);
    }
  }
}

// Microseconds.
double own_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

struct Times {
  double p50 = 0;
  double p99 = 0;
};

Times measure(int candidates, route::Strategy strategy) {
  const auto pool = make_pool(candidates, strategy);
  route::Deployments deployments;
  route::Experience experience;
  teach(experience, *pool, deployments);
  std::vector<double> took;
  for (int i = 0; i < decisions; ++i) {
    const auto envelope = request(1 + static_cast<std::uint64_t>(i) % sessions);
    const double began = own_time();
    const auto plan = route::plan(*pool, envelope, deployments, now, &experience);
    const double ended = own_time();
    if (!plan || plan->steps.size() != static_cast<std::size_t>(candidates)) return {};
    ++experience.turn;
    took.push_back(ended - began);
  }
  std::ranges::sort(took);
  return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

}  // namespace

int main() {
  using enum route::Strategy;
  std::printf("%-16s %10s %10s %10s %12s\n", "strategy", "candidates", "p50 us", "p99 us",
              "p99/priority");
  for (const int candidates : {8, 64, 512}) {
    const auto base = measure(candidates, priority);
    for (const auto strategy : {priority, priced_affinity, round_robin, least_latency, weighted}) {
      const auto times = strategy == priority ? base : measure(candidates, strategy);
      std::printf("%-16s %10d %10.1f %10.1f %12.1f\n",
                  std::string(route::to_string(strategy)).c_str(), candidates, times.p50, times.p99,
                  times.p99 / base.p99);
    }
  }
}
