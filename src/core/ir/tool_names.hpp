// Namespaced and custom tools under names a plain function-calling protocol can carry, and back.
//
// A name that fits (the charset and length given) and collides with nothing is kept. A namespaced
// tool becomes space__name; what is too long or collides is cut and given a suffix that depends
// only on the tool itself and the tools before it, so the same tools give the same names in every
// turn (prompt caches depend on it). Any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ir/request.hpp"

namespace tpool::ir {

class ToolNames {
 public:
  struct Name {
    ToolKind kind = ToolKind::function;
    std::string space;
    std::string name;
    std::string wire;
  };

  ToolNames() = default;
  // `max_length` in bytes, taken as 16 when less. Allowed characters: [A-Za-z0-9_-], anything else
  // becomes '_'. With `letter_first` a name that begins with neither a letter nor '_' gets a '_'.
  // Calls in the history to tools no longer declared get names too.
  ToolNames(const Request& request, std::size_t max_length, bool letter_first = false);

  // The wire name; a tool never seen gets the plain cleaned form of its name.
  std::string wire(std::string_view space, std::string_view name) const;
  // Nullptr when the model called something that was never declared.
  const Name* find(std::string_view wire) const;

 private:
  void add(ToolKind kind, const std::string& space, const std::string& name);
  std::string fitted(std::string_view space, std::string_view name) const;

  std::size_t max_length_ = 64;
  bool letter_first_ = false;
  std::vector<Name> names_;
  std::unordered_map<std::string, std::size_t> by_wire_;
  std::unordered_map<std::string, std::size_t> by_tool_;  // space, NUL, name
};

}  // namespace tpool::ir
