// The numbers that routing goes by: the store's [routing], each with its default.
//
// Plain values with the defaults in force where the store says nothing; which ones it says is kept
// beside them, since a default that was said stays when the default changes. Keys, ranges and
// meanings stand in routing_table, once, for everything that reads, writes, checks or shows them.
// Whoever goes by a number gets a reference to all of them. Any thread.
#pragma once

#include <bitset>
#include <cstdint>

#include "core/types.hpp"

namespace tpool::config {

struct Routing {
  // What a place costs.
  double expected_calls = 8;
  double expected_calls_background = 1;
  double usd_per_second_balanced = 0.005;
  double usd_per_second_fast = 0.02;
  double usd_per_second_cheap = 0.001;
  double low_priority_share = 0.1;
  std::int64_t least_cached_tokens = 1024;
  Milliseconds cache_life{300'000};

  // What is believed, and how fast it is learned and forgotten.
  Milliseconds assumed_first_token{1'500};
  Milliseconds assumed_per_ktok{120};
  double first_token_memory = 0.95;
  double average_step = 0.2;
  Milliseconds failure_half_life{90'000};
  double assumed_failures = 0.15;
  double assumed_successes = 6;

  // The strategy `weighted`.
  double weighted_success = 0.3;
  double weighted_first_token = 0.2;
  double weighted_speed = 0.2;
  double weighted_cache = 0.1;
  double weighted_cost = 0.2;
  double weighted_exploration = 0.1;

  // Waiting for a slot or for somebody to be ready, and what the client sees of it.
  std::int64_t queue = 64;
  Milliseconds longest_wait{120'000};
  Milliseconds ready_wait{60'000};
  Milliseconds told_wait{120'000};
  Milliseconds header_wait{15'000};
  Milliseconds heartbeat{15'000};
  double in_flight_cut = 0.7;
  double in_flight_growth = 1;

  // Attempts and their limits.
  std::int64_t attempts = 4;
  std::int64_t free_retries = 1;
  double retry_share = 0.25;
  std::int64_t retry_least = 10;
  Milliseconds connect_timeout{5'000};
  Milliseconds first_byte_timeout{60'000};
  Milliseconds idle_timeout{120'000};
  Milliseconds total_timeout{1'800'000};
  Milliseconds whole_answer_timeout{300'000};
  double content_factor = 4;
  Milliseconds content_extra{3'000};
  Milliseconds content_least{8'000};
  Milliseconds content_most{60'000};

  // Rests.
  Milliseconds cool_down{5'000};
  double cool_down_growth = 2;
  Milliseconds longest_cool_down{120'000};
  double cool_down_spread = 0.2;
  Milliseconds strikes_forgotten{600'000};
  Milliseconds probe_every{600'000};
  std::int64_t breaker_row = 3;
  double breaker_share = 0.5;
  std::int64_t breaker_least = 3;
  Milliseconds breaker_pause{15'000};
  double breaker_growth = 2;
  Milliseconds longest_breaker_pause{240'000};
  Milliseconds longest_probe{60'000};

  std::bitset<64> said = {};  // by place in routing_table

  bool operator==(const Routing&) const = default;
};

// What counts where no store is at hand.
inline constexpr Routing default_routing{};

// The same unit in which beliefs count; a product is a third of the price of a quotient.
constexpr double in_seconds(Milliseconds span) { return static_cast<double>(span.count()) * 1e-3; }

}  // namespace tpool::config
