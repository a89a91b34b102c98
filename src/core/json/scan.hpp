// One pass over a request body: what routing needs to know, and where the bytes are.
//
// Generic over the three client protocols, whose top-level members share their names. The body is
// checked on the way (syntax, depth at most 512, UTF-8, lone surrogates), so what passed is valid
// JSON and nothing invalid is sent on. Offsets are into the text given. Any thread; linear time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::json {

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Member {
  std::string name;  // decoded
  Range value;       // raw text of the value
  Range whole;       // from the opening quote of the name to the end of the value
};

// An `encrypted_content` string of an input item, to be replayed or dropped by its origin.
struct Sealed {
  Range value;              // raw text with quotes
  Range whole;              // the member with its name
  Range id = {};            // the item's `id` with its name, empty when it has none
  bool compaction = false;  // the item is a compaction, which is nothing without it
};

struct Scan {
  std::optional<std::string> model;  // decoded; the last one of duplicates
  std::optional<bool> stream;
  std::string session;              // prompt_cache_key, or empty
  std::string effort;               // reasoning.effort or reasoning_effort, or empty
  std::string priority;             // metadata.priority, or empty
  std::string service_tier;         // or empty
  bool tools = false;               // a non-empty `tools` array
  bool images = false;              // an image part anywhere
  bool compaction_trigger = false;  // an input item that asks for one
  bool compacted = false;           // an input item that came of one
  std::vector<Member> members;      // top level, in order, duplicates kept
  std::vector<Sealed> sealed;
  std::vector<Range> developers;  // raw text of each "developer" that is a message's role
};

// At the top of a body. No request has nearly as many; each costs many times the few bytes it may
// be written with.
inline constexpr std::size_t most_members = 1000;

// invalid, with the byte offset, line and column, when the body is not a JSON object; also with
// more than `most_members`.
Result<Scan> scan(std::string_view body);

// Line and column (from 1, columns in bytes) of an offset.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};
Place place_of(std::string_view text, std::size_t offset);

}  // namespace tpool::json
