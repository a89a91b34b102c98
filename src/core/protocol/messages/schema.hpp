// A JSON schema as Messages providers take it where answers and strict calls must follow it.
//
// They want every object closed and know no ranges, lengths and counts: objects are closed, and
// what cannot be asked for is said in the description. Names of properties are the client's and
// stay. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tpool::protocol::messages {

struct Fitting {
  std::optional<std::string> rewritten = {};  // none where it is taken as it is, or is no JSON
  // Some object takes names that it does not list: closed, it would hold nothing.
  bool open = false;
};

Fitting fit_schema(std::string_view schema);

}  // namespace tpool::protocol::messages
