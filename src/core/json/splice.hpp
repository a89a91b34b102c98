// Edits at the byte ranges that scan found; every other byte stays as it came.
//
// The result is a list of views for one gather-write: pieces of the body between pieces of new
// text. Views point into `body` and into the Splice itself, so both must outlive the write.
// Members may be removed side by side and all at once: commas come out right. Any one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/scan.hpp"

namespace tpool::json {

class Splice {
 public:
  // Replaces the bytes of `range` with `text`; an empty range inserts. Ranges must not overlap.
  void replace(Range range, std::string text);
  // Takes out a member with the comma that belonged to it. `whole` as scan gave it.
  void remove_member(std::string_view body, Range whole);
  // Adds a member at the end of the top-level object.
  void append_member(std::string_view body, std::string_view name, std::string_view json);

  bool empty() const { return edits_.empty(); }

  // The edited body in order. Call after the last edit.
  std::vector<std::string_view> pieces(std::string_view body);
  std::string text(std::string_view body);

 private:
  enum class Kind { replace, remove, append };
  struct Edit {
    Kind kind;
    Range range;
    std::string text;
  };
  void settle(std::string_view body);

  std::vector<Edit> edits_;
  bool settled_ = false;
};

}  // namespace tpool::json
