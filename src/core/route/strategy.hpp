// How the candidates of one tier are put in order: a score for each, the lowest first.
//
// A strategy is a pure function over what is known of each contender; chance comes from the
// decision's own seed, so a decision can be repeated and explained. One file per strategy in
// strategy/. Nothing here allocates. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/config/config.hpp"
#include "core/route/belief.hpp"
#include "core/route/profile.hpp"
#include "core/route/terms.hpp"

namespace tpool::route {

enum class Strategy { priced_affinity, priority, round_robin, least_latency, weighted };

std::string_view to_string(Strategy strategy);
std::optional<Strategy> parse_strategy(std::string_view text);

// USD per token.
struct Price {
  double input = 0;
  double cached = 0;
  double write = 0;  // on top of input, for what is written to the cache
  double output = 0;
  bool known = false;
};

// Unknown when the price of fresh input or of output is. Cached tokens without a price of their own
// cost what fresh ones do.
Price price_of(const config::Cost& cost);

struct Contender {
  std::uint64_t id = 0;  // Candidate::hash()
  const Belief* belief = nullptr;
  Price price = {};
  Lane lane = Lane::relay;
  double weight = 1;    // the provider's, for `weighted`
  double ready_in = 0;  // seconds until its pace lets it begin
  double held = 0;      // tokens of the prompt its cache is believed to hold
  double score = 0;     // filled in
  Terms terms = {};     // filled in
};

struct Decision {
  double prompt_tokens = 0;
  double output_tokens = 0;  // expected
  Stakes stakes = {};
  double now = 0;          // seconds
  std::uint64_t seed = 0;  // of this decision
  const config::Routing& routing = config::default_routing;
};

// Scores the contenders and writes their order, best first, into `order` (of the same size). At
// equal scores relay goes before translation, then the order given.
void rank(Strategy strategy, std::span<Contender> contenders, const Decision& decision,
          std::span<std::uint32_t> order);

// What serving the request would cost at a contender that holds `cached` tokens of the prompt.
struct ServiceCost {
  double dollars = 0;
  double first_token_s = 0;
  double answer_s = 0;  // after the first token
  double total = 0;     // with time priced
};
ServiceCost service_cost(const Contender& contender, const Decision& decision, double cached);

// How long the first content may take before it is given up on, from what is believed.
double first_content_limit(const Belief& belief, double uncached_tokens, double now,
                           const config::Routing& routing);

void priced_affinity(std::span<Contender> contenders, const Decision& decision);
void priority(std::span<Contender> contenders, const Decision& decision);
void round_robin(std::span<Contender> contenders, const Decision& decision);
void least_latency(std::span<Contender> contenders, const Decision& decision);
void weighted(std::span<Contender> contenders, const Decision& decision);

}  // namespace tpool::route
