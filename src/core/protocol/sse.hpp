// Server-sent event framing (WHATWG HTML, section 9.2.6), both ways.
//
// The reader is fed bytes as they come, split anywhere: CR, LF and CRLF lines, comments, a BOM and
// multi-line data are understood; time is linear in the bytes even when a line grows by single
// bytes. Memory is bounded: an event over the limit puts the reader in overflow for good. An event
// that lies whole in one chunk is not copied. One reader per stream; any one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tpool::protocol {

struct SseEvent {
  std::string_view name;  // of `event:`; empty when there was none
  std::string_view data;  // lines joined by \n
  // The bytes on the wire this event took in the current chunk, blank line included; for relays
  // that only look. Empty for what end() gives.
  std::size_t wire_end = 0;  // offset in the chunk just past this event
};

class SseReader {
 public:
  explicit SseReader(std::size_t max_event = std::size_t{25} << 20) : max_event_(max_event) {}

  // Points the reader at the next bytes; they must live until next() answered false.
  void feed(std::string_view chunk);
  // The next complete event, valid until the following call. Events without data are skipped.
  bool next(SseEvent& event);
  // A last event whose blank line never came, if any.
  bool end(SseEvent& event);

  bool overflow() const { return overflow_; }
  // True when nothing of an unfinished event is held.
  bool at_boundary() const;

 private:
  bool find_line(std::string_view& line);
  void take_line(std::string_view line, bool in_chunk);
  void add_data(std::string_view value, bool in_chunk);
  bool dispatch(SseEvent& event);
  void forget_event();
  void keep_view();

  static constexpr std::size_t unknown = std::string_view::npos - 1;

  std::string_view chunk_;
  std::size_t at_ = 0;
  std::size_t line_feed_ = unknown;  // the next one in the chunk
  std::string line_;                 // an unfinished line from earlier chunks
  bool line_done_ = false;           // line_ was told and goes before the next one
  std::string name_;
  std::string data_;
  std::string_view data_view_;  // a single data line still inside the chunk
  bool has_data_ = false;
  bool delivered_ = false;  // the event held was given out
  bool skip_lf_ = false;
  bool start_ = true;
  bool overflow_ = false;
  std::size_t max_event_;
};

// An event around an object of that `type`, whose other members follow it: each begins with a
// comma.
void open_event(std::string_view type, std::string& out);
void close_event(std::string& out);

// "event: name\ndata: data\n\n", without the first line when `name` is empty. `data` has no
// newline.
void append_event(std::string& out, std::string_view name, std::string_view data);

}  // namespace tpool::protocol
