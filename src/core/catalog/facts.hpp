// Model facts: limits, prices, abilities. Bundled for well-known models; the store's word wins.
//
// Unknown stays unknown (nullopt): nothing is guessed. Prices are USD per million tokens and dated.
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"

namespace tpool::catalog {

struct Facts {
  std::string name = {};                     // "DeepSeek V3.2", for people
  std::string developer = {};                // "deepseek", or "unknown"
  std::optional<std::int64_t> context = {};  // tokens in and out together
  std::optional<std::int64_t> output = {};   // tokens
  std::vector<std::string> input = {};       // modalities; empty: unknown
  std::optional<bool> tool_call = {};
  std::optional<bool> reasoning = {};
  std::vector<std::string> efforts = {};  // one table for the catalog and the wire
  std::string default_effort = {};
  config::Cost cost = {};
  std::string price_date = {};  // of `cost`, YYYY-MM-DD; empty when the user said it, or unknown

  bool takes_images() const;
  bool operator==(const Facts&) const = default;
};

class FactsBook;

// Facts of one upstream model: bundled by exact id, then by the id without vendor/ and date or tag
// suffixes; then what was fetched (`book`, may be null), then the store's overrides on top.
Facts facts_for(std::string_view model_id, const config::Provider* provider,
                const FactsBook* book = nullptr);

// The same for a provider of a pool, with the book the pool was built with.
struct Resolved;
Facts facts_for(std::string_view model_id, const Resolved& provider);

// Who says what of a model, layer by layer, for people: each layer lies over the one before it.
struct Layer {
  std::string source;  // "bundled", "updated", "store"
  Facts facts;         // of this layer alone; unknown where it is silent
};
std::vector<Layer> layers_of(std::string_view model_id, const config::Provider* provider,
                             const FactsBook* book);

// The day the bundled prices were written down, YYYY-MM-DD.
std::string_view price_date();

}  // namespace tpool::catalog
