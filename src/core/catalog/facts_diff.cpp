#include "core/catalog/facts_book.hpp"
#include "core/json/write.hpp"

namespace tpool::catalog {

namespace {

std::string shown(const std::optional<double>& value) {
  if (!value) return "unknown";
  std::string text;
  json::Writer(text).number(*value);
  return text;
}
std::string shown(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : std::string("unknown");
}
std::string shown(const std::optional<bool>& value) {
  return !value ? "unknown" : *value ? "yes" : "no";
}
std::string shown(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "unknown" : text;
}

std::string difference(const Facts& was, const Facts& is) {
  std::string text;
  const auto add = [&](const char* name, const auto& before, const auto& after) {
    if (before == after) return;
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + shown(before) + " -> " +
            shown(after);
  };
  add("context", was.context, is.context);
  add("output", was.output, is.output);
  add("modalities", was.input, is.input);
  add("tool_call", was.tool_call, is.tool_call);
  add("reasoning", was.reasoning, is.reasoning);
  add("efforts", was.efforts, is.efforts);
  add("input", was.cost.input, is.cost.input);
  add("output price", was.cost.output, is.cost.output);
  add("cache_read", was.cost.cache_read, is.cost.cache_read);
  add("cache_write", was.cost.cache_write, is.cost.cache_write);
  return text;
}

}  // namespace

BookDiff compare(const FactsBook* before, const FactsBook& after) {
  constexpr std::size_t most_lines = 100;
  BookDiff diff;
  const auto say = [&](std::string line) {
    if (diff.lines.size() < most_lines) diff.lines.push_back(std::move(line));
  };
  for (const auto& [seller, models] : after.sellers())
    for (const auto& [id, facts] : models) {
      const auto* was = before ? before->at(seller, id) : nullptr;
      if (!was) {
        ++diff.added;
        if (before) say("+ " + seller + "/" + id);
        continue;
      }
      const auto changed = difference(*was, facts);
      if (changed.empty()) continue;
      ++diff.changed;
      say("~ " + seller + "/" + id + ": " + changed);
    }
  if (!before) return diff;
  for (const auto& [seller, models] : before->sellers())
    for (const auto& [id, facts] : models)
      if (!after.at(seller, id)) {
        ++diff.removed;
        say("- " + seller + "/" + id);
      }
  return diff;
}

}  // namespace tpool::catalog
