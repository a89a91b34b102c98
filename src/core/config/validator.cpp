#include "core/config/validator.hpp"

#include <algorithm>
#include <cmath>

#include "core/config/endpoint.hpp"

namespace tpool::config {

constexpr double largest_number = 1e6;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), is_word_byte);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 && !has_control(name) && name.front() != ' ' &&
         name.back() != ' ';
}

void Validator::add(std::string message, std::string hint) {
  problems_.push_back({where_, std::move(message), std::move(hint)});
}

void Validator::plain_id(const std::string& id) {
  if (!is_plain_id(id)) add("its id must be 1 to 64 of letters, digits, _ . and -");
}

void Validator::word(const std::string& key, words::Set set,
                     const std::optional<std::string>& value) {
  if (value && !words::holds(set, *value)) add(key + " must be " + words::list(set));
}

void Validator::proxy(const std::optional<std::string>& value) {
  if (!value) return;
  if (const auto fault = proxy_fault(*value)) add("proxy " + *fault);
}

void Validator::range(const std::string& key, const std::optional<std::int64_t>& value,
                      std::int64_t least, std::int64_t most) {
  if (value && (*value < least || *value > most))
    add(key + " must be " + std::to_string(least) + " to " + std::to_string(most));
}

void Validator::amount(const std::string& key, const std::optional<double>& value) {
  if (value && (!std::isfinite(*value) || *value < 0 || *value > largest_number))
    add(key + " must be 0 to 1000000");
}

void Validator::limits(const Limits& limits) {
  range("limits.concurrency", limits.concurrency, 1, 1024);
  range("limits.queue", limits.queue, 0, 100'000);
  range("limits.rpm", limits.rpm, 1, 1'000'000'000);
  range("limits.tpm", limits.tpm, 1, 1'000'000'000'000);
  range("limits.tokens_5m", limits.tokens_5m, 1, 1'000'000'000'000);
}

void Validator::timeout(const std::string& key, const std::optional<Milliseconds>& value) {
  if (value && (value->count() < 1 || *value > std::chrono::hours(24)))
    add("timeouts." + key + " must be 1ms to 24h");
}

void Validator::failover(const std::optional<Failover>& value) {
  if (value && value->mode == Failover::Mode::list)
    for (const std::string& slug : value->slugs)
      if (!is_model_name(slug)) add("failover holds an empty or unprintable name");
}

void Validator::names(const std::string& key, const std::vector<std::string>& values) {
  for (const std::string& value : values)
    if (!is_model_name(value)) {
      add(key + " holds an empty or unprintable entry");
      return;
    }
}

}  // namespace tpool::config
