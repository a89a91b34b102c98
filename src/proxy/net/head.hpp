// Heads of HTTP/1.1 messages: Beast's strict incremental parser in, a one-pass writer out.
//
// A head is complete before it is parsed, so every view points into `raw`, which must not change
// while they are used. Refused: length and chunked together, two lengths, any transfer coding but
// chunked, that one in a request of HTTP/1.0, bare CR or LF, more than 64 KiB or 200 fields. RFC
// 9112. I/O thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::net {

inline constexpr std::size_t max_head = std::size_t{64} << 10;
inline constexpr std::size_t max_fields = 200;

struct Field {
  std::string_view name;
  std::string_view value;
};

struct Head {
  std::string raw;
  std::vector<Field> fields;
  // Of a request:
  std::string_view method;
  std::string_view target;
  // Of an answer:
  int status = 0;

  bool http11 = true;
  bool keep_alive = false;
  bool chunked = false;
  std::optional<std::uint64_t> length;  // content-length

  std::string_view get(std::string_view name) const;  // first one, empty when absent
  std::size_t count(std::string_view name) const;
};

// Where the head that starts at bytes[0] ends, or 0 when it is not all there yet. `from`: how much
// was searched before.
std::size_t find_head_end(std::string_view bytes, std::size_t from);

// Parses head.raw, which holds exactly one head. invalid with what is wrong with it.
Result<> parse_request(Head& head);
Result<> parse_answer(Head& head);

// Undoes chunked framing, strictly. Data views point into the bytes fed.
class ChunkReader {
 public:
  ChunkReader();
  ~ChunkReader();
  ChunkReader(ChunkReader&&) noexcept;
  ChunkReader& operator=(ChunkReader&&) noexcept;

  // Appends what of `bytes` is content to `data`; the views live as long as `bytes` and until the
  // next feed(). Returns how much was consumed: less than all only when done() or on an error.
  Result<std::size_t> feed(std::string_view bytes, std::vector<std::string_view>& data);
  bool done() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// Field names and such: ASCII case ignored. Most pairs differ in length or first letter.
bool same_letters(std::string_view a, std::string_view b);  // of equal length
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || ((a[0] ^ b[0]) & ~0x20) == 0) && same_letters(a, b);
}

// "Bad Gateway".
std::string_view reason_phrase(int status);

// A value that may stand in a field: control characters and bytes outside ASCII become '?'.
std::string field_value(std::string_view text);

}  // namespace tpool::net
