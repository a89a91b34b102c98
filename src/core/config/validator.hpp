// One walk over a Config that gathers every problem; validate() is its door.
//
// The small checks name a key and add a problem of the entry at hand; the walk is split over
// validate (all but providers) and validate_provider. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/validate.hpp"
#include "core/config/words.hpp"

namespace tpool::config {

bool is_word_byte(char c);
bool has_control(std::string_view text);
// An id of anything but a provider or a model.
bool is_plain_id(std::string_view id);
// A model's id or an alias's name: raw, but something one can type and see.
bool is_model_name(std::string_view name);

class Validator {
 public:
  explicit Validator(const Config& config) : config_(config) {}

  std::vector<Problem> run();

 private:
  void add(std::string message, std::string hint = {});
  void plain_id(const std::string& id);
  void word(const std::string& key, words::Set set, const std::optional<std::string>& value);
  void proxy(const std::optional<std::string>& value);
  void range(const std::string& key, const std::optional<std::int64_t>& value, std::int64_t least,
             std::int64_t most);
  void amount(const std::string& key, const std::optional<double>& value);
  void limits(const Limits& limits);
  void timeout(const std::string& key, const std::optional<Milliseconds>& value);
  void failover(const std::optional<Failover>& value);
  void names(const std::string& key, const std::vector<std::string>& values);

  void check_settings();
  void check_provider(const Provider& provider);
  void check_headers(const std::map<std::string, std::string>& headers);
  void check_key(const Provider& provider, const Key& key);
  void check_secret(const SecretRef& secret);
  void check_provider_model(const Provider& provider, const ProviderModel& model);
  void check_model(const Model& model);
  void check_alias(const Alias& alias);
  void check_rule(const Rule& rule);
  void check_budget(const Budget& budget);
  void check_client(const Client& client);
  void check_unique();

  const Config& config_;
  std::string where_;
  std::vector<Problem> problems_;
};

}  // namespace tpool::config
