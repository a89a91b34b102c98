// How one provider's dialect differs from its protocol, as flags.
//
// Data from the catalog and the store (`quirks`); read by the codec of that protocol and nobody
// else. Never an `if` on a provider's name. Plain values; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::protocol {

struct Dialect {
  std::string reasoning_field = "reasoning_content";  // where Chat puts reasoning text
  std::string replay_reasoning = "tool_calls";        // never | tool_calls (same turn) | always
  bool developer_role = false;                        // understands role developer; else system
  std::string max_tokens_field = "max_tokens";
  // native | json_object (downgrade) | tool (Messages: the answer as a forced call) | none
  std::string json_schema = "native";
  bool strict_tools = true;    // understands `strict` in function tools
  bool stream_options = true;  // understands stream_options.include_usage
  bool images = true;
  bool tool_images = false;         // images inside tool results
  bool parallel_tool_calls = true;  // understands the parameter
  // reasoning_effort (the protocol's own way) | thinking | enable_thinking | reasoning | none;
  // Messages has two ways of its own, adaptive | budget
  std::string effort = "reasoning_effort";
  std::map<std::string, std::string> effort_map =
      {};                         // what the client says -> what the provider knows
  bool think_tags = false;        // <think> text inside content is reasoning
  bool prompt_cache_key = false;  // understands the parameter
  bool verbosity = false;
  std::size_t tool_name_length = 64;
  std::size_t tool_id_length = 0;  // call ids have exactly this many letters and digits; 0: any
  std::size_t tool_id_max = 0;     // call ids are at most this long; 0: as the protocol has it
  bool empty_required = true;      // takes `required: []` in schemas of tools
  std::string system_placement = "anywhere";  // anywhere | leading: before the first other message
  bool responses_hosted_tools = true;  // a Responses provider that knows web_search and the like
  bool responses_namespaces = true;    // a Responses provider that knows `namespace` tools
  bool responses_custom_tools = true;  // ... and `custom` tools
  bool cache_control = true;           // a Messages provider that knows cache breakpoints
  bool sampling = true;                // knows temperature and top_p
  bool prefill = false;                // goes on from an assistant message at the end
  bool system_messages = false;        // a Messages provider that knows role system in messages
  std::string schemas = "openapi";  // a Gemini provider's: openapi (its own subset) | json_schema
  bool image_urls = true;           // fetches images by their URL
  bool tool_call_ids = true;        // a Gemini provider that knows ids of calls
  bool json_with_tools = true;      // a Gemini provider that takes an answer's schema beside tools
  // What a Gemini provider takes for the signature of a call it did not make; empty: nothing.
  std::string signature_placeholder = {};
  bool responses_compaction = false;  // ... and compaction of a conversation

  bool operator==(const Dialect&) const = default;
};

// Sets one flag from its spelling in the store; invalid names the known flags.
Result<> set_quirk(Dialect& dialect, std::string_view name, std::string_view value);

// Every name set_quirk() knows.
std::vector<std::string_view> quirk_names();

}  // namespace tpool::protocol
