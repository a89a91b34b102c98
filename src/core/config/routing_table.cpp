#include "core/config/routing_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/config/duration.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::config {
namespace {

constexpr double second = 1'000;
constexpr double minute = 60 * second;
constexpr double hour = 60 * minute;

// Least and most keep what routing promises: nothing waits, rests or tries without an end, nothing
// is remembered or forgotten for ever, and something is said before a client stops listening.
constexpr std::array keys{
    RoutingKey{"expected_calls", &Routing::expected_calls, 1, 1000,
               "Calls still expected of a session, over which the cost of a cold cache is spread.",
               "Choosing"},
    RoutingKey{"expected_calls_background", &Routing::expected_calls_background, 1, 1000,
               "The same for background requests."},
    RoutingKey{"usd_per_second_balanced", &Routing::usd_per_second_balanced, 0, 10,
               "What a second of waiting is worth in the profile balanced, in dollars."},
    RoutingKey{"usd_per_second_fast", &Routing::usd_per_second_fast, 0, 10,
               "The same in the profile fast."},
    RoutingKey{"usd_per_second_cheap", &Routing::usd_per_second_cheap, 0, 10,
               "The same in the profile cheap."},
    RoutingKey{"low_priority_share", &Routing::low_priority_share, 0, 1,
               "The share of it that counts for requests of low priority, as background ones are."},
    RoutingKey{"least_cached_tokens", &Routing::least_cached_tokens, 0, 1'000'000,
               "Shorter prompts are not kept by any provider's cache."},
    RoutingKey{"cache_life", &Routing::cache_life, second, 24 * hour,
               "How long a provider keeps a prompt that asks for no longer."},

    RoutingKey{"assumed_first_token", &Routing::assumed_first_token, 1, 5 * minute,
               "How long the first token takes where nothing was measured.", "Beliefs"},
    RoutingKey{"assumed_per_ktok", &Routing::assumed_per_ktok, 0, minute,
               "How much longer for every thousand tokens that no cache holds."},
    RoutingKey{"first_token_memory", &Routing::first_token_memory, 0.5, 0.999,
               "The share of what was measured of first tokens that each new measure leaves."},
    RoutingKey{"average_step", &Routing::average_step, 0.01, 1,
               "What the newest measure counts in the averages of speed, delay and cache hits."},
    RoutingKey{"failure_half_life", &Routing::failure_half_life, second, hour,
               "After this long what was seen of failures and successes counts half."},
    RoutingKey{"assumed_failures", &Routing::assumed_failures, 0.001, 100,
               "Failures that everyone is assumed to have had."},
    RoutingKey{"assumed_successes", &Routing::assumed_successes, 0.1, 1000,
               "Successes that everyone is assumed to have had."},

    RoutingKey{"weighted_success", &Routing::weighted_success, 0, 1,
               "In the strategy weighted, what the share of successes counts.",
               "The strategy weighted"},
    RoutingKey{"weighted_first_token", &Routing::weighted_first_token, 0, 1,
               "What an early first token counts."},
    RoutingKey{"weighted_speed", &Routing::weighted_speed, 0, 1, "What speed counts."},
    RoutingKey{"weighted_cache", &Routing::weighted_cache, 0, 1, "What a warm cache counts."},
    RoutingKey{"weighted_cost", &Routing::weighted_cost, 0, 1, "What a low cost counts."},
    RoutingKey{"weighted_exploration", &Routing::weighted_exploration, 0.01, 1,
               "The share of decisions in which all count alike."},

    RoutingKey{"queue", &Routing::queue, 0, 100'000,
               "How many may wait for a slot where limits.queue says nothing.", "Waiting"},
    RoutingKey{"longest_wait", &Routing::longest_wait, 100, 10 * minute,
               "What a request waits at most, for slots, rests and providers' hints together."},
    RoutingKey{
        "ready_wait", &Routing::ready_wait, 0, 10 * minute,
        "What it waits at most for the first one to be ready when nobody could be asked yet; "
        "never beyond longest_wait."},
    RoutingKey{"told_wait", &Routing::told_wait, 0, 10 * minute,
               "Up to this long Codex is told to come back by itself; longer waits are final and "
               "name their time."},
    RoutingKey{"header_wait", &Routing::header_wait, 100, minute,
               "After this long without content a stream is opened all the same."},
    RoutingKey{"heartbeat", &Routing::heartbeat, 100, minute,
               "How often an open stream says that it lives."},
    RoutingKey{"in_flight_cut", &Routing::in_flight_cut, 0.1, 0.99,
               "What is left of the requests at once that a provider is believed to take, after it "
               "said that there are too many."},
    RoutingKey{"in_flight_growth", &Routing::in_flight_growth, 0.1, 100,
               "How far that grows with as many successes."},

    RoutingKey{"attempts", &Routing::attempts, 1, 32, "How often a request is tried at most.",
               "Attempts"},
    RoutingKey{"free_retries", &Routing::free_retries, 0, 31,
               "Of those after the first, how many are not paid from what all retries share."},
    RoutingKey{"retry_share", &Routing::retry_share, 0, 1,
               "The share of the last minute's requests that may be retries."},
    RoutingKey{"retry_least", &Routing::retry_least, 0, 10'000,
               "How many more retries in a minute, however few the requests."},
    RoutingKey{"connect_timeout", &Routing::connect_timeout, 1, 5 * minute,
               "What connecting takes at most; a provider's timeouts win over this and the next "
               "three."},
    RoutingKey{"first_byte_timeout", &Routing::first_byte_timeout, 1, hour,
               "What the first byte of an answer takes at most."},
    RoutingKey{"idle_timeout", &Routing::idle_timeout, 1, 290 * second,
               "How long an answer may say nothing."},
    RoutingKey{"total_timeout", &Routing::total_timeout, 1, 24 * hour,
               "What an answer takes at most."},
    RoutingKey{"whole_answer_timeout", &Routing::whole_answer_timeout, 1, hour,
               "How long an answer that is no stream may say nothing, if that is longer."},
    RoutingKey{"content_factor", &Routing::content_factor, 1, 100,
               "The first content of a stream may take this many times what is believed, where "
               "others could serve and the model does not reason."},
    RoutingKey{"content_extra", &Routing::content_extra, 0, 5 * minute, "And this much more."},
    RoutingKey{"content_least", &Routing::content_least, 1, 10 * minute, "But never less."},
    RoutingKey{"content_most", &Routing::content_most, 1, 10 * minute, "And never more."},

    RoutingKey{"cool_down", &Routing::cool_down, 1, hour,
               "How long a key rests for a model after a 429 without a hint.", "Rests"},
    RoutingKey{"cool_down_growth", &Routing::cool_down_growth, 1, 10,
               "How many times as long after each further one."},
    RoutingKey{"longest_cool_down", &Routing::longest_cool_down, 1, hour, "At most this long."},
    RoutingKey{"cool_down_spread", &Routing::cool_down_spread, 0, 0.9,
               "By which share chance makes it shorter or longer."},
    RoutingKey{"strikes_forgotten", &Routing::strikes_forgotten, 2, 24 * hour,
               "After this long without a 429 the next one is the first again; at least twice "
               "longest_cool_down."},
    RoutingKey{"probe_every", &Routing::probe_every, 100, 24 * hour,
               "How often a longer rest, or a used-up quota, is looked at."},
    RoutingKey{"breaker_row", &Routing::breaker_row, 1, 1000,
               "A breaker opens after this many failures in a row."},
    RoutingKey{"breaker_share", &Routing::breaker_share, 0.01, 1,
               "Or when more than this share of the last minute's attempts failed."},
    RoutingKey{"breaker_least", &Routing::breaker_least, 1, 10'000,
               "And those were more than this many."},
    RoutingKey{"breaker_pause", &Routing::breaker_pause, 1, hour, "How long it stays open."},
    RoutingKey{"breaker_growth", &Routing::breaker_growth, 1, 10,
               "How many times as long after each probe that failed."},
    RoutingKey{"longest_breaker_pause", &Routing::longest_breaker_pause, 1, hour,
               "At most this long."},
    RoutingKey{"longest_probe", &Routing::longest_probe, 100, 10 * minute,
               "A probe that takes longer keeps no other one back."},
};
static_assert(keys.size() <= std::tuple_size_v<std::array<bool, 64>>);

// `low`, as many times, is no longer than `high`.
struct Pair {
  Milliseconds Routing::*low;
  std::int64_t times;
  Milliseconds Routing::*high;
};
constexpr std::array pairs{
    Pair{&Routing::content_least, 1, &Routing::content_most},
    Pair{&Routing::cool_down, 1, &Routing::longest_cool_down},
    Pair{&Routing::longest_cool_down, 2, &Routing::strikes_forgotten},
    Pair{&Routing::breaker_pause, 1, &Routing::longest_breaker_pause},
};

std::string_view name_of(Milliseconds Routing::*member) {
  const auto found = std::ranges::find(keys, RoutingKey::Member(member), &RoutingKey::member);
  return found == keys.end() ? "" : found->name;
}

double number_of(std::int64_t value) { return static_cast<double>(value); }
double number_of(double value) { return value; }
double number_of(Milliseconds value) { return static_cast<double>(value.count()); }

std::string text_of(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}
std::string text_of(std::int64_t number) { return std::to_string(number); }
std::string text_of(Milliseconds span) { return duration_text(span); }

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end;
}
bool read_number(const std::string& text, Milliseconds& out) {
  const auto span = parse_duration(text);
  if (span) out = *span;
  return span.has_value();
}

std::string_view wanted(std::int64_t) { return "a whole number"; }
std::string_view wanted(double) { return "a number"; }
std::string_view wanted(Milliseconds) { return "a duration such as 250ms, 15s or 10m"; }

}  // namespace

std::span<const RoutingKey> routing_keys() { return keys; }

std::string text_of(const RoutingKey& key, const Routing& routing) {
  return std::visit([&](auto member) { return text_of(routing.*member); }, key.member);
}

std::string range_of(const RoutingKey& key) {
  const auto text = [&](double end) {
    return std::visit(
        [&]<class Number>(Number Routing::*) {
          if constexpr (std::is_same_v<Number, double>)
            return text_of(end);
          else
            return text_of(Number(static_cast<std::int64_t>(end)));
        },
        key.member);
  };
  return text(key.least) + " to " + text(key.most);
}

bool said(const Routing& routing, const RoutingKey& key) {
  return routing.said.test(static_cast<std::size_t>(&key - keys.data()));
}

Result<> assign(Routing& routing, std::string_view name, const std::string& value) {
  const auto found = std::ranges::find(keys, name, &RoutingKey::name);
  if (found == keys.end())
    return no_such("setting", "routing." + std::string(name), setting_names());
  return std::visit(
      [&](auto member) -> Result<> {
        auto number = default_routing.*member;
        if (!value.empty() && !read_number(value, number))
          return invalid("routing." + std::string(name) + " must be " +
                         std::string(wanted(number)) + " of " + range_of(*found) + ", not " +
                         value);
        routing.*member = number;
        routing.said.set(static_cast<std::size_t>(found - keys.begin()), !value.empty());
        return {};
      },
      found->member);
}

std::vector<std::string> faults(const Routing& routing) {
  std::vector<std::string> found;
  each_number(routing, [&](const RoutingKey& key, const auto& value, std::size_t) {
    const double number = number_of(value);
    if (number >= key.least && number <= key.most) return;
    found.push_back(std::string(key.name) + " must be " + range_of(key) + ", not " +
                    text_of(value));
  });
  if (!found.empty()) return found;
  for (const auto& [low, times, high] : pairs)
    if (routing.*low * times > routing.*high)
      found.push_back(std::string(name_of(low)) + " is " + text_of(routing.*low) + ", and " +
                      std::string(name_of(high)) + " must be at least " +
                      text_of(routing.*low * times) + ", not " + text_of(routing.*high));
  return found;
}

}  // namespace tpool::config
