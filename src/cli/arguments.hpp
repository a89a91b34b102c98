// What the user typed for one command, checked against its declaration.
//
// Options are keyed by their long name with dashes, positionals by their name in capitals. Absent
// is not empty: --tag "" was given, no --tag was not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::cli {

class Arguments {
 public:
  void put(const std::string& name, std::vector<std::string> values) {
    given_[name] = std::move(values);
  }

  bool has(std::string_view name) const { return given_.find(name) != given_.end(); }
  // The first value, or nullopt when it was not given.
  std::optional<std::string> value(std::string_view name) const;
  // Every value, or an empty list.
  std::vector<std::string> values(std::string_view name) const;
  // Of an option that takes yes or no.
  std::optional<bool> truth(std::string_view name) const;
  // A whole number in [low, high]; invalid, naming the option, for anything else.
  Result<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t low,
                                              std::int64_t high) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

}  // namespace tpool::cli
