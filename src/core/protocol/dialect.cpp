#include "core/protocol/dialect.hpp"

#include <charconv>
#include <functional>
#include <vector>

namespace tpool::protocol {

namespace {

struct Flag {
  std::string_view name;
  bool Dialect::*value;
};

constexpr Flag flags[] = {
    {"developer_role", &Dialect::developer_role},
    {"strict_tools", &Dialect::strict_tools},
    {"stream_options", &Dialect::stream_options},
    {"images", &Dialect::images},
    {"tool_images", &Dialect::tool_images},
    {"parallel_tool_calls", &Dialect::parallel_tool_calls},
    {"think_tags", &Dialect::think_tags},
    {"prompt_cache_key", &Dialect::prompt_cache_key},
    {"verbosity", &Dialect::verbosity},
    {"responses_hosted_tools", &Dialect::responses_hosted_tools},
    {"responses_namespaces", &Dialect::responses_namespaces},
    {"responses_custom_tools", &Dialect::responses_custom_tools},
    {"cache_control", &Dialect::cache_control},
    {"sampling", &Dialect::sampling},
    {"prefill", &Dialect::prefill},
    {"system_messages", &Dialect::system_messages},
    {"empty_required", &Dialect::empty_required},
    {"image_urls", &Dialect::image_urls},
    {"tool_call_ids", &Dialect::tool_call_ids},
    {"json_with_tools", &Dialect::json_with_tools},
    {"responses_compaction", &Dialect::responses_compaction},
};

struct Word {
  std::string_view name;
  std::string Dialect::*value;
  std::string_view choices;  // between spaces; empty: any name of a member
};

constexpr Word words[] = {
    {"reasoning_field", &Dialect::reasoning_field, ""},
    {"replay_reasoning", &Dialect::replay_reasoning, "never tool_calls always"},
    {"max_tokens_field", &Dialect::max_tokens_field, ""},
    {"json_schema", &Dialect::json_schema, "native json_object tool none"},
    {"effort", &Dialect::effort,
     "reasoning_effort thinking enable_thinking reasoning adaptive budget none"},
    {"system_placement", &Dialect::system_placement, "anywhere leading"},
    {"schemas", &Dialect::schemas, "openapi json_schema"},
    {"signature_placeholder", &Dialect::signature_placeholder, ""},
};

struct Count {
  std::string_view name;
  std::size_t Dialect::*value;
  std::size_t least;  // 0 is always allowed where it is the default
  std::size_t most;
};

constexpr Count counts[] = {
    {"tool_name_length", &Dialect::tool_name_length, 16, 256},
    {"tool_id_length", &Dialect::tool_id_length, 0, 256},
    {"tool_id_max", &Dialect::tool_id_max, 0, 256},
};

bool one_of(std::string_view choices, std::string_view value) {
  std::size_t at = 0;
  while (at <= choices.size()) {
    const std::size_t end = std::min(choices.find(' ', at), choices.size());
    if (choices.substr(at, end - at) == value) return true;
    at = end + 1;
  }
  return false;
}

std::string with_commas(std::string_view choices) {
  std::string out;
  for (const char c : choices) out += c == ' ' ? std::string(", ") : std::string(1, c);
  return out;
}

bool is_member_name(std::string_view value) {
  return value.size() <= 64 &&
         value.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string_view::npos;
}

Error wrong_value(std::string_view name, std::string_view value, std::string_view expected) {
  return invalid("quirk " + std::string(name) + " cannot be \"" + std::string(value) + "\"",
                 "use " + std::string(expected));
}

Error unknown_quirk(std::string_view name) {
  std::string known;
  for (const std::string_view one : quirk_names()) {
    if (!known.empty()) known += ", ";
    known += one;
  }
  return invalid("unknown quirk \"" + std::string(name) + "\"", "known quirks: " + known);
}

// "low=minimal, xhigh=high": the client's word, then the provider's; an empty one leaves it out.
Result<> set_effort_map(Dialect& dialect, std::string_view value) {
  std::map<std::string, std::string> map;
  std::size_t at = 0;
  while (at < value.size()) {
    const std::size_t end = std::min(value.find(',', at), value.size());
    std::string_view pair = value.substr(at, end - at);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    while (!pair.empty() && pair.back() == ' ') pair.remove_suffix(1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return wrong_value("effort_map", value, "pairs such as \"minimal=low, xhigh=high\"");
    }
    map.emplace(pair.substr(0, equals), pair.substr(equals + 1));
    at = end + 1;
  }
  dialect.effort_map = std::move(map);
  return {};
}

}  // namespace

std::vector<std::string_view> quirk_names() {
  std::vector<std::string_view> names;
  for (const Word& word : words) names.push_back(word.name);
  for (const Flag& flag : flags) names.push_back(flag.name);
  for (const Count& count : counts) names.push_back(count.name);
  names.push_back("effort_map");
  return names;
}

Result<> set_quirk(Dialect& dialect, std::string_view name, std::string_view value) {
  for (const Flag& flag : flags) {
    if (flag.name != name) continue;
    if (value != "true" && value != "false") return wrong_value(name, value, "true or false");
    dialect.*flag.value = value == "true";
    return {};
  }
  for (const Word& word : words) {
    if (word.name != name) continue;
    if (!word.choices.empty() && !one_of(word.choices, value)) {
      return wrong_value(name, value, "one of " + with_commas(word.choices));
    }
    if (word.choices.empty() && !is_member_name(value)) {
      return wrong_value(name, value, "the name of a JSON member, or nothing to leave it out");
    }
    dialect.*word.value = value;
    return {};
  }
  for (const Count& count : counts) {
    if (count.name != name) continue;
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = code == std::errc() && end == value.data() + value.size();
    if (!whole || number < count.least || number > count.most) {
      return wrong_value(
          name, value,
          "a number from " + std::to_string(count.least) + " to " + std::to_string(count.most));
    }
    dialect.*count.value = number;
    return {};
  }
  if (name == "effort_map") return set_effort_map(dialect, value);
  return unknown_quirk(name);
}

}  // namespace tpool::protocol
