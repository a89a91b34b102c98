// What routing may look at: facts of one request, nothing of its content. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "core/route/priority.hpp"
#include "core/types.hpp"

namespace tpool::route {

enum class Class { interactive, subagent, background, probe };

std::string_view to_string(Class request_class);

// Where a request stands that says nothing of its priority.
constexpr Turn turn_of(Class request_class) {
  return request_class == Class::background ? Turn::low : Turn::normal;
}

// What is asked of a model. A compaction is an ordinary answer where a provider has none of its
// own; an embedding and a count of tokens are relayed, or not served at all.
enum class Operation { generate, embed, compact, count_tokens };

std::string_view to_string(Operation operation);

// One place in a prompt where a provider's cache may end.
struct Boundary {
  std::uint64_t fingerprint = 0;  // of everything up to here, model and tools included
  double tokens = 0;              // up to here
};

// Tokens of a request body, before anybody counted them: JSON of English and code has about four
// bytes to a token.
constexpr std::int64_t estimated_tokens(std::size_t bytes) {
  return static_cast<std::int64_t>(bytes / 4);
}
constexpr std::size_t bytes_of(std::int64_t tokens) { return static_cast<std::size_t>(tokens) * 4; }

struct Envelope {
  Protocol protocol = Protocol::responses;
  std::string model;               // as the client said it
  std::string session;             // prompt_cache_key or thread id, may be empty
  std::string client;              // client id
  std::size_t bytes = 0;           // of the body
  std::int64_t prompt_tokens = 0;  // estimated, see estimated_tokens()
  int hour = 0;                    // of the day where tpool runs, 0..23
  bool stream = false;
  bool tools = false;
  bool images = false;
  Class request_class = Class::interactive;
  Operation operation = Operation::generate;
  bool compaction = false;            // asks for a summary in the place of the conversation
  bool summarized = false;            // carries such a summary of ours
  std::vector<Boundary> prompt = {};  // its fingerprints, shortest first; empty: not looked at
  double prompt_life_s = 300;         // how long a provider's cache keeps it
  std::string maker = {};             // the provider that alone can read what it carries, or empty

  std::optional<Priority> said = {};  // of its priority, by itself

  // What is said wins over the class: in the queue, and in what its time is worth.
  Priority priority() const { return said.value_or(Priority{turn_of(request_class)}); }
  // What it will use, by a rule of thumb: the prompt and an answer.
  std::int64_t estimated_tokens() const {
    return (prompt_tokens > 0 ? prompt_tokens : route::estimated_tokens(bytes)) + 500;
  }
  bool low_stake() const { return priority().turn == Turn::low || request_class == Class::probe; }
};

// The hour of a time where tpool runs: rules speak of the user's own day.
int hour_of_day(std::time_t time);

}  // namespace tpool::route
