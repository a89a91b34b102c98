// A request in our own form: a list of items, not of chat messages.
//
// What every protocol can be decoded to and encoded from. Nothing here knows a protocol except as
// the label of what only that protocol can carry (Extra, Unknown). JSON inside (schemas, extras) is
// kept as text. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/types.hpp"

namespace tpool::ir {

// A member its decoder did not know: written back only to its own protocol.
struct Extra {
  Protocol protocol;
  std::string name;
  std::string json;
  std::string inside = {};  // the member of the request it stands in: not written back, but counted

  bool operator==(const Extra&) const = default;
};
using Extras = std::vector<Extra>;

// Data only its maker understands (signatures, encrypted reasoning). Replayed byte for byte to
// that origin, dropped elsewhere. An empty provider means the client did not say.
struct Opaque {
  std::string provider;
  std::string model;
  std::string kind;  // "encrypted_content", "signature", "redacted", "thought_signature"
  std::string data;

  bool operator==(const Opaque&) const = default;
};

struct Text {
  std::string text;
  bool operator==(const Text&) const = default;
};
struct Refusal {
  std::string text;
  bool operator==(const Refusal&) const = default;
};
struct Image {
  std::string url;     // https: or data: URL
  std::string detail;  // low, high, auto, original or empty
  bool operator==(const Image&) const = default;
};
struct File {
  std::string url;   // https: or data: URL, or empty
  std::string id;    // the provider's file id, or empty
  std::string name;  // may be empty
  bool operator==(const File&) const = default;
};
struct Audio {
  std::string data;    // base64
  std::string format;  // wav, mp3
  bool operator==(const Audio&) const = default;
};

// An extra without a name is the part whole, of a kind not known here; its value is then empty.
struct Part {
  std::variant<Text, Refusal, Image, File, Audio> value;
  std::optional<std::string> cache_mark = {};  // JSON of a cache breakpoint set by the client
  Extras extras = {};

  bool operator==(const Part&) const = default;
};

enum class Role { system, developer, user, assistant };

struct Message {
  Role role = Role::user;
  std::vector<Part> parts = {};
  std::string id = {};
  std::string phase = {};  // commentary | final_answer, where the protocol has it
  bool operator==(const Message&) const = default;
};

struct Reasoning {
  std::vector<std::string> summary = {};  // what the user may see
  std::string text = {};                  // raw reasoning, when the provider gives it
  std::optional<Opaque> opaque = {};
  std::string id = {};
  bool operator==(const Reasoning&) const = default;
};

// function: JSON arguments. custom: one free-form string. hosted: run by the provider itself.
enum class ToolKind { function, custom, hosted };

struct ToolCall {
  ToolKind kind = ToolKind::function;
  std::string call_id;
  std::string name;
  std::string space = {};  // namespace the tool belongs to, or empty
  std::string input;       // JSON text of the arguments, or the free-form string
  std::string id = {};     // the item's own id
  std::optional<Opaque> opaque = {};
  bool operator==(const ToolCall&) const = default;
};

struct ToolResult {
  ToolKind kind = ToolKind::function;
  std::string call_id;
  std::vector<Part> parts = {};
  bool failed = false;
  std::string id = {};
  bool operator==(const ToolResult&) const = default;
};

// An item only its own protocol can carry, whole.
struct Unknown {
  Protocol protocol;
  std::string type;
  std::string json;
  bool vital = false;  // without it the request means something else: others refuse
  std::string maker =
      {};  // the provider that alone can read it; empty: whoever speaks the protocol
  bool operator==(const Unknown&) const = default;
};

struct Item {
  std::variant<Message, Reasoning, ToolCall, ToolResult, Unknown> value;
  Extras extras = {};
  bool operator==(const Item&) const = default;
};

struct Tool {
  ToolKind kind = ToolKind::function;
  std::string name;        // for hosted: its type, e.g. web_search
  std::string space = {};  // namespace
  std::string space_description = {};
  std::string description = {};
  std::string schema = {};  // JSON schema of the arguments, or empty
  std::string format = {};  // JSON of a custom tool's grammar, or empty
  std::optional<bool> strict = {};
  std::string json = {};                    // hosted: the declaration whole
  Protocol protocol = Protocol::responses;  // hosted: whose tool it is
  Extras extras = {};
  bool operator==(const Tool&) const = default;
};

struct ToolChoice {
  enum class Mode { unset, automatic, none, required, one };
  Mode mode = Mode::unset;
  ToolKind kind = ToolKind::function;  // with one
  std::string name = {};
  std::string space = {};
  bool operator==(const ToolChoice&) const = default;
};

struct Format {
  enum class Kind { text, json_object, json_schema };
  Kind kind = Kind::text;
  std::string name = {};
  std::string description = {};
  std::string schema = {};  // JSON
  std::optional<bool> strict = {};
  bool operator==(const Format&) const = default;
};

struct Request {
  std::string model;
  bool stream = false;
  bool prefilled = false;  // ends in words of the assistant that the answer is to go on from
  std::vector<Item> items = {};
  std::vector<Tool> tools = {};
  ToolChoice tool_choice = {};
  std::optional<bool> parallel_tool_calls = {};
  std::string effort = {};  // any string; empty: not said. "none" is kept, encoders omit it
  std::string reasoning_summary = {};  // auto | concise | detailed | none
  std::optional<std::int64_t> max_output = {};
  std::optional<double> temperature = {};
  std::optional<double> top_p = {};
  std::vector<std::string> stop = {};
  Format format = {};
  std::string verbosity = {};
  std::string cache_key = {};  // prompt_cache_key
  std::string service_tier = {};
  std::optional<bool> store = {};
  std::string previous_response_id = {};
  bool usage_wanted = true;  // Chat streams say whether they want it
  Extras extras = {};
  bool operator==(const Request&) const = default;
};

}  // namespace tpool::ir
