#include "cli/arguments.hpp"

#include <charconv>

namespace tpool::cli {

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto found = given_.find(name);
  if (found == given_.end() || found->second.empty()) return std::nullopt;
  return found->second.front();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<bool> Arguments::truth(std::string_view name) const {
  const auto text = value(name);
  if (!text) return std::nullopt;
  return *text == "yes";
}

Result<std::optional<std::int64_t>> Arguments::integer(std::string_view name, std::int64_t low,
                                                       std::int64_t high) const {
  const auto text = value(name);
  if (!text) return std::optional<std::int64_t>{};
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < low || number > high)
    return invalid(std::string(name) + " needs a whole number from " + std::to_string(low) +
                   " to " + std::to_string(high));
  return std::optional<std::int64_t>{number};
}

}  // namespace tpool::cli
