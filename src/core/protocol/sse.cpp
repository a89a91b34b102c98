#include "core/protocol/sse.hpp"

#include <cstring>

namespace tpool::protocol {
namespace {

// What a reader may keep between events, so that one large event does not cost memory for good.
constexpr std::size_t keep_capacity = std::size_t{1} << 16;
constexpr std::size_t npos = std::string_view::npos;

std::size_t find_byte(std::string_view text, char byte, std::size_t from, std::size_t to) {
  if (from >= to) return npos;
  const void* hit = std::memchr(text.data() + from, byte, to - from);
  return hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) : npos;
}

void empty(std::string& text) {
  if (text.capacity() > keep_capacity)
    text = std::string();
  else
    text.clear();
}

}  // namespace

void SseReader::feed(std::string_view chunk) {
  chunk_ = chunk;
  at_ = 0;
  line_feed_ = unknown;
}

// The next whole line of the stream; what is left of the chunk is kept when there is none.
bool SseReader::find_line(std::string_view& line) {
  if (line_done_) {
    empty(line_);
    line_done_ = false;
  }
  if (skip_lf_ && at_ < chunk_.size()) {
    if (chunk_[at_] == '\n') ++at_;
    skip_lf_ = false;
  }
  if (line_feed_ == unknown || (line_feed_ != npos && line_feed_ < at_))
    line_feed_ = find_byte(chunk_, '\n', at_, chunk_.size());
  // Carriage returns are looked for only up to the line feed, so no byte is looked at twice.
  const std::size_t limit = line_feed_ == npos ? chunk_.size() : line_feed_;
  const std::size_t carriage = find_byte(chunk_, '\r', at_, limit);
  const std::size_t stop = carriage != npos ? carriage : line_feed_;
  const std::string_view piece = chunk_.substr(at_, (stop == npos ? chunk_.size() : stop) - at_);
  if (line_.size() + piece.size() > max_event_ + 64) {
    overflow_ = true;
    return false;
  }
  if (stop == npos) {
    line_ += piece;
    at_ = chunk_.size();
    return false;
  }
  at_ = stop + 1;
  if (carriage != npos) {
    if (at_ < chunk_.size()) {
      if (chunk_[at_] == '\n') ++at_;
    } else {
      skip_lf_ = true;
    }
  }
  if (line_.empty()) {
    line = piece;
  } else {
    line_ += piece;
    line = line_;
    line_done_ = true;
  }
  return true;
}

void SseReader::take_line(std::string_view line, bool in_chunk) {
  if (line.empty() || line[0] == ':') return;
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == npos ? std::string_view() : line.substr(colon + 1);
  if (!value.empty() && value[0] == ' ') value.remove_prefix(1);
  if (field == "data")
    add_data(value, in_chunk);
  else if (field == "event")
    name_ = value;
}

void SseReader::add_data(std::string_view value, bool in_chunk) {
  const std::size_t line_feed = has_data_ ? 1 : 0;
  if (data_.size() + data_view_.size() + line_feed + value.size() > max_event_) {
    overflow_ = true;
    return;
  }
  if (!has_data_ && in_chunk) {
    data_view_ = value;
  } else {
    keep_view();
    if (has_data_) data_ += '\n';
    data_ += value;
  }
  has_data_ = true;
}

// Copies a data line that still lies in the chunk, before the chunk goes or another line comes.
void SseReader::keep_view() {
  data_ += data_view_;
  data_view_ = {};
}

void SseReader::forget_event() {
  delivered_ = false;
  has_data_ = false;
  data_view_ = {};
  empty(data_);
  name_.clear();
}

bool SseReader::dispatch(SseEvent& event) {
  if (!has_data_) {
    forget_event();
    return false;
  }
  if (!data_.empty()) keep_view();
  event.name = name_;
  event.data = data_.empty() ? data_view_ : std::string_view(data_);
  event.wire_end = at_;
  delivered_ = true;
  return true;
}

bool SseReader::next(SseEvent& event) {
  if (delivered_) forget_event();
  std::string_view line;
  while (!overflow_ && find_line(line)) {
    const bool in_chunk = !line_done_;
    if (start_) {
      start_ = false;
      if (line.substr(0, 3) == "\xef\xbb\xbf") line.remove_prefix(3);
    }
    if (!line.empty())
      take_line(line, in_chunk);
    else if (dispatch(event))
      return true;
  }
  keep_view();
  return false;
}

bool SseReader::end(SseEvent& event) {
  if (delivered_) forget_event();
  if (overflow_) return false;
  std::string_view last = line_done_ ? std::string_view() : std::string_view(line_);
  if (start_ && last.substr(0, 3) == "\xef\xbb\xbf") last.remove_prefix(3);
  take_line(last, false);
  empty(line_);
  line_done_ = false;
  chunk_ = {};
  at_ = 0;
  if (overflow_ || !dispatch(event)) return false;
  event.wire_end = 0;
  return true;
}

bool SseReader::at_boundary() const {
  const bool held = has_data_ || !name_.empty();
  return (delivered_ || !held) && (line_.empty() || line_done_) && at_ == chunk_.size();
}

void open_event(std::string_view type, std::string& out) {
  out += "event: ";
  out += type;
  out += "\ndata: {\"type\":\"";
  out += type;
  out += '"';
}

void close_event(std::string& out) { out += "}\n\n"; }

void append_event(std::string& out, std::string_view name, std::string_view data) {
  if (!name.empty()) {
    out += "event: ";
    out += name;
    out += '\n';
  }
  out += "data: ";
  out += data;
  out += "\n\n";
}

}  // namespace tpool::protocol
